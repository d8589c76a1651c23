"""The claim loop: one event loop a worker, several shards open, answers written in groups."""

from workers.loop.loop import ClaimLoop
from workers.loop.pace import Pace

__all__ = ["ClaimLoop", "Pace"]
