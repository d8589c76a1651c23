"""Measuring items and people: pure functions over matrices of answers. Neither Django nor the network."""
