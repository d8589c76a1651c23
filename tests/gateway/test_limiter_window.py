"""Adaptive concurrency: growth on clean rounds, one cut an episode, within bounds."""

from hypothesis import given
from hypothesis import strategies as st

from workers.gateway.limiter.window import Window
from workers.providers.base import Limits


def window(**limits: int | bool) -> Window:
    return Window.of(Limits(**limits))  # type: ignore[arg-type]


def test_starts_at_eight_and_doubles_each_clean_round_until_the_first_429() -> None:
    one = window(highest=100)
    assert one.slots == 8
    one.succeeded(8)
    assert one.slots == 16
    one.succeeded(15)
    assert one.slots == 16
    one.succeeded()
    assert one.slots == 32


def test_one_episode_cuts_once_however_many_429s_it_has() -> None:
    one = window(start=100, highest=100)
    assert one.rate_limited(epoch=0)
    assert [one.rate_limited(epoch=0) for _ in range(20)] == [False] * 20
    assert one.slots == 80
    assert one.rate_limited(epoch=1)
    assert one.slots == 64


def test_after_a_cut_a_clean_round_brings_five_percent() -> None:
    one = window(start=100, highest=100)
    one.rate_limited(epoch=0)
    one.succeeded(80)
    assert one.size == 80 * 1.05


def test_a_failure_spoils_the_round() -> None:
    one = window(start=10, highest=100)
    one.succeeded(9)
    one.failed()
    one.succeeded(9)
    assert one.slots == 10


def test_fixed_limits_start_at_their_bound() -> None:
    one = Window.of(Limits.fixed(64))
    one.succeeded(10_000)
    assert one.slots == 64


@given(
    st.lists(st.sampled_from(["ok", "429", "bad"]), max_size=400),
    st.integers(1, 20),
    st.integers(1, 20),
    st.integers(0, 100),
)
def test_never_leaves_its_bounds(events: list[str], start: int, lowest: int, more: int) -> None:
    one = window(start=start, lowest=lowest, highest=lowest + more)
    for event in events:
        if event == "ok":
            one.succeeded()
        elif event == "bad":
            one.failed()
        else:
            one.rate_limited(one.epoch)
        assert lowest <= one.slots <= lowest + more
