"""Money in whole nano units (1e-9) of a run's currency, so that sums are exact. Pure."""

import math
from dataclasses import dataclass

NANO = 1_000_000_000
_NANO_PER_TOKEN = NANO / 1_000_000  # prices are per million tokens


@dataclass(frozen=True, slots=True)
class Prices:
    """Prices per million tokens, frozen with the run."""

    per_million_in: float = 0.0
    per_million_out: float = 0.0

    @property
    def is_free(self) -> bool:
        return not self.per_million_in and not self.per_million_out

    def nano(self, tokens_in: int, tokens_out: int) -> int:
        """What these tokens cost, rounded up to a whole nano unit.

        >>> Prices(2.5, 10.0).nano(1000, 100)
        3500000
        """
        exact = (tokens_in * self.per_million_in + tokens_out * self.per_million_out) * _NANO_PER_TOKEN
        return math.ceil(exact - 1e-6)


def to_nano(amount: float) -> int:
    """An amount of money as people write it (12.5) in nano units."""
    return round(amount * NANO)


def from_nano(nano: int) -> float:
    """Nano units as an amount of money."""
    return nano / NANO
