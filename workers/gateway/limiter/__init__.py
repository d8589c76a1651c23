"""Limiters: how many requests of one key may be in flight, and how many may leave a minute."""
