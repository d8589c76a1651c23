"""An endpoint as the gateway knows it."""

from evalhub.endpoints.models import Endpoint
from evalhub.endpoints.secrets import read_secret
from workers.providers.base import Deadlines, Limits, Target

START_CAREFULLY = 8  # a stranger's server is pressed harder only as it answers


def target_for(endpoint: Endpoint) -> Target:
    """Where and how to ask this endpoint, with its key. Raises SecretMissing."""
    return Target(
        provider=endpoint.provider,
        base_url=endpoint.base_url,
        model=endpoint.model,
        api_key=read_secret(endpoint.secret_name),
        quirks=endpoint.quirks,
        deadlines=_deadlines(endpoint.deadline_s),
        limits=_limits(endpoint),
        allow_private=endpoint.allow_private or endpoint.is_embedded,
    )


def _deadlines(total_s: int) -> Deadlines:
    usual = Deadlines()
    return Deadlines(
        total_s=total_s,
        connect_s=min(usual.connect_s, total_s),
        first_byte_s=total_s,
        idle_s=min(usual.idle_s, total_s),
    )


def _limits(endpoint: Endpoint) -> Limits:
    """One's own server gets its whole concurrency at once; a stranger's is approached from below."""
    highest = endpoint.max_in_flight
    start = highest if endpoint.allow_private or endpoint.is_embedded else min(START_CAREFULLY, highest)
    return Limits(
        start=start,
        highest=highest,
        requests_per_minute=endpoint.requests_per_minute,
        tokens_per_minute=endpoint.tokens_per_minute,
    )
