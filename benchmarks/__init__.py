"""What performance.md and reliability.md measure, each runnable by one command of scripts/."""
