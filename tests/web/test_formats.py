"""Numbers as people read them."""

import pytest

from evalhub.web import formats


@pytest.mark.parametrize(
    ("share", "words"),
    [(None, "n/a"), (0.0, "0.0 %"), (0.12345, "12.3 %"), (1.0, "100.0 %"), (0.9999, "100.0 %")],
)
def test_percent(share: float | None, words: str) -> None:
    assert formats.percent(share) == words


@pytest.mark.parametrize(
    ("nano", "words"),
    [(None, "n/a"), (0, "0 USD"), (1, "0.000000001 USD"), (1_234_567, "0.00123 USD"), (123_456_789, "0.123 USD"),
     (1_500_000_000, "1.50 USD"), (12_345_678_900_000, "12,345.68 USD"), (-5_000_000, "-0.00500 USD")],
)  # fmt: skip
def test_money_is_never_rounded_to_nothing(nano: int | None, words: str) -> None:
    assert formats.money(nano, "USD") == words


@pytest.mark.parametrize(
    ("duration", "words"),
    [(None, "n/a"), (0.0, "0 ms"), (0.32, "320 ms"), (0.9996, "1.00 s"), (1.239, "1.24 s"), (59.96, "60.0 s"),
     (99.96, "1 min 40 s"), (185, "3 min 05 s"), (3599.6, "1 h 00 min"), (7443, "2 h 04 min")],
)  # fmt: skip
def test_seconds(duration: float | None, words: str) -> None:
    assert formats.seconds(duration) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(None, "n/a"), (0, "0"), (999, "999"), (1200, "1.20 k"), (3_400_000, "3.40 M"), (25e9, "25.0 G")],
)
def test_compact(count: float | None, words: str) -> None:
    assert formats.compact(count) == words


@pytest.mark.parametrize(("low", "high", "words"), [(None, None, "n/a"), (1, 1, "1"), (1, 3, "1–3")])
def test_rank(low: int | None, high: int | None, words: str) -> None:
    assert formats.rank(low, high) == words


@pytest.mark.parametrize(
    ("per_million", "words"),
    [(None, "n/a"), (0.0, "0"), (0.27, "0.27"), (2.0, "2"), (0.000125, "0.000125"), (100.0, "100")],
)
def test_price(per_million: float | None, words: str) -> None:
    assert formats.price(per_million) == words
