"""The bucket: never more than its limit in any minute, and no standstill."""

from hypothesis import given, settings
from hypothesis import strategies as st

from workers.gateway.limiter.rates import MINUTE_S, Bucket


def bucket(limit: int) -> Bucket:
    made = Bucket.per_minute(limit, 0.0)
    assert made is not None
    return made


def test_no_limit_no_bucket() -> None:
    assert Bucket.per_minute(None, 0.0) is None


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 200), st.lists(st.floats(0.0, 5.0), max_size=300))
def test_never_more_than_the_limit_in_any_minute(limit: int, pauses: list[float]) -> None:
    one, now, sent = bucket(limit), 0.0, []
    for pause in pauses:
        now += pause
        now += one.wait_s(1, now)
        one.take(1, now)
        sent.append(now)
    for index, start in enumerate(sent):
        within = [at for at in sent[index:] if at < start + MINUTE_S - 1e-6]
        assert len(within) <= limit


def test_the_limit_is_nearly_reached() -> None:
    one, now, count = bucket(600), 0.0, 0
    while now < 600.0:
        now += one.wait_s(1, now)
        one.take(1, now)
        count += 1
    assert count >= 0.94 * 6000


def test_a_request_larger_than_the_bucket_passes_once_it_is_full_and_leaves_a_debt() -> None:
    one = bucket(1000)
    assert one.wait_s(5000, 0.0) == 0.0
    one.take(5000, 0.0)
    assert one.wait_s(1, 0.0) > 290.0


def test_what_was_estimated_too_high_comes_back() -> None:
    one = bucket(1000)
    one.take(50, 0.0)
    one.take(-40, 0.0)
    assert one.wait_s(40, 0.0) == 0.0
    one.take(-1_000_000, 0.0)
    assert one.level == one.capacity
