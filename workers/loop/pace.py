"""How fast the claim loop's clockwork turns. Seconds throughout."""

import os
from dataclasses import dataclass

LEASE_VARIABLE = "EVALHUB_LEASE_S"


@dataclass(frozen=True, slots=True)
class Pace:
    """Defaults are the product's; tests shorten the lease, and with it all that hangs on it."""

    lease_s: float = 60.0
    control_s: float = 1.0  # how often cancel, pause and lost shards are looked for
    beat_s: float = 5.0
    poll_s: float = 2.0  # how often an idle loop looks for work that no nudge told it of
    drain_s: float = 75.0
    group: int = (
        64  # answers a transaction, fewer where fewer are in flight: what a kill may cost is of that size
    )
    group_s: float = 0.25
    most_shards: int = 64

    @property
    def renew_s(self) -> float:
        """A lease survives three missed renewals."""
        return self.lease_s / 4

    @classmethod
    def from_environment(cls) -> "Pace":
        """The pace, with the lease of EVALHUB_LEASE_S where that is set (1 s at least)."""
        given = os.environ.get(LEASE_VARIABLE)
        if not given:
            return cls()
        lease = float(given)
        if lease < 1:
            raise ValueError(f"{LEASE_VARIABLE} is {given!r}; a lease must last at least 1 second.")
        return cls(
            lease_s=lease, control_s=min(1.0, lease / 4), beat_s=min(5.0, lease), poll_s=min(2.0, lease / 2)
        )
