"""Property tests draw the same examples every time, and are not timed: the machine may be busy."""

from hypothesis import settings

settings.register_profile("evalhub-metrics", deadline=None, derandomize=True)
settings.load_profile("evalhub-metrics")
