"""Numbers as people read them. No data is "n/a", never 0; a share is a per cent; money is never rounded to nothing."""

import math

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

NANO = 1_000_000_000


def not_available() -> str:
    return pgettext("no data", "n/a")


def percent(share: float | None, digits: int = 1) -> str:
    """A share 0..1 as "62.5 %"; None is "n/a"."""
    return not_available() if share is None else f"{share * 100:.{digits}f} %"


def points(share: float | None, digits: int = 1) -> str:
    """A share 0..1 as bare per-cent points "62.5", for tables whose heading says per cent."""
    return not_available() if share is None else f"{share * 100:.{digits}f}"


def span(low: float | None, high: float | None, digits: int = 1) -> str:
    """An interval of shares as "54.1–70.2"."""
    if low is None or high is None:
        return not_available()
    return f"{low * 100:.{digits}f}–{high * 100:.{digits}f}"


def compact(count: float | None) -> str:
    """A large count with three figures: 999, 1.20 k, 3.40 M."""
    if count is None:
        return not_available()
    for size, letter in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(count) >= size:
            return f"{_figures(count / size)} {letter}"
    return f"{count:g}"


def money(nano: int | None, currency: str = "USD") -> str:
    """Nano units as "0.0123 USD": two decimals, or three significant figures where it is less than one."""
    if nano is None:
        return not_available()
    amount = nano / NANO
    if amount == 0:
        return f"0 {currency}"
    if abs(amount) >= 1:
        return f"{amount:,.2f} {currency}"
    decimals = min(9, 2 - math.floor(math.log10(abs(amount))))
    return f"{amount:.{decimals}f} {currency}"


def price(per_million: float | None) -> str:
    """A price as it was written, without trailing noughts: 0.27, 2, 0.000125."""
    return not_available() if per_million is None else f"{per_million:.9f}".rstrip("0").rstrip(".")


def seconds(duration: float | None) -> str:
    """A duration in seconds as "320 ms", "1.24 s", "3 min 05 s" or "2 h 04 min"."""
    if duration is None:
        return not_available()
    if duration < 0.9995:
        return f"{duration * 1000:.0f} ms"
    if duration < 99.95:
        return f"{_figures(duration)} s"
    whole = round(duration)
    if whole < 3600:
        return _("%(minutes)d min %(seconds)02d s") % {"minutes": whole // 60, "seconds": whole % 60}
    return _("%(hours)d h %(minutes)02d min") % {"hours": whole // 3600, "minutes": whole % 3600 // 60}


def rank(low: int | None, high: int | None) -> str:
    """A rank as an interval: "1" where it is certain, "1–2" where it is not."""
    if low is None or high is None:
        return not_available()
    return str(low) if low == high else f"{low}–{high}"


def _figures(value: float) -> str:
    """Three significant figures for 1 <= value < 1000."""
    return f"{value:.{2 if abs(value) < 10 else 1 if abs(value) < 100 else 0}f}"
