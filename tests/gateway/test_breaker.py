"""The breaker: when it opens, who probes, how it closes."""

from workers.gateway.breaker import LEAST, Breaker


def failing(breaker: Breaker, count: int, now: float = 0.0) -> Breaker:
    for _ in range(count):
        breaker.failed(now)
    return breaker


def test_it_judges_from_the_tenth_request_on() -> None:
    assert failing(Breaker(), LEAST - 1).wait_s(0.0) == 0.0
    assert failing(Breaker(), LEAST).wait_s(0.0) > 0.0


def test_half_is_not_more_than_half() -> None:
    one = Breaker()
    for _ in range(25):
        one.succeeded()
        one.failed(0.0)
    assert one.wait_s(0.0) == 0.0
    one.failed(0.0)
    assert one.is_open


def test_only_the_last_fifty_count() -> None:
    one = Breaker()
    for _ in range(1000):
        one.succeeded()
    failing(one, 25)
    assert not one.is_open
    failing(one, 1)
    assert one.is_open


def test_after_the_cooldown_exactly_one_probes() -> None:
    one = failing(Breaker(), 10)
    assert not one.enter(4.9)
    assert one.wait_s(5.0) == 0.0
    assert [one.enter(5.0) for _ in range(3)] == [True, False, False]
    assert one.wait_s(5.0) > 0.0


def test_a_good_probe_closes_it_with_a_clean_slate() -> None:
    one = failing(Breaker(), 10)
    one.enter(5.0)
    one.succeeded()
    assert not one.is_open
    assert failing(one, LEAST - 2, 6.0).wait_s(6.0) == 0.0


def test_a_bad_probe_doubles_the_cooldown_up_to_a_minute() -> None:
    one, now, waits = failing(Breaker(), 10), 0.0, []
    for _ in range(6):
        wait = one.wait_s(now)
        waits.append(wait)
        now += wait
        assert one.enter(now)
        one.failed(now)
    assert waits == [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]


def test_a_probe_that_tells_nothing_lets_another_try() -> None:
    one = failing(Breaker(), 10)
    one.enter(5.0)
    one.abandoned()
    assert one.enter(5.0)
