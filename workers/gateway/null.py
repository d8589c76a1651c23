"""The Null twins: a gateway without cache, journal or budget, for single calls, tests and whoever keeps no books."""

from __future__ import annotations

from workers.gateway.base import AskContext, Intent, Reservation, Settlement, Usage
from workers.providers.base import Reply


class NullCache:
    """Knows nothing and keeps nothing."""

    async def get(self, key: str) -> Reply | None:
        """Always None."""
        return None

    async def put(self, key: str, reply: Reply) -> None:
        """Forget it."""

    async def close(self) -> None:
        """Nothing to close."""


class NullLedger:
    """Writes nothing down."""

    async def intend(self, intent: Intent) -> None:
        """Go ahead."""

    async def settle(self, settlement: Settlement) -> None:
        """Forget it."""


class NullBudget:
    """Has no end."""

    async def reserve(self, context: AskContext, bound: Usage) -> Reservation:
        """Always granted."""
        return Reservation(bound)

    async def settle(self, reservation: Reservation, used: Usage | None) -> None:
        """Forget it."""
