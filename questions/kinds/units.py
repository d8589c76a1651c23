"""The units of this trade, by Pint: decimal GB and binary GiB differ, bytes are no plain numbers, tokens are.

Pint's own table is not used: it has 600 units (`in`, `a`, `G` ...) that ordinary words of an answer would
hit, and in
it a byte is dimensionless, so 112 GB would equal a bare number.
"""

from __future__ import annotations

import functools

import pint

_PREFIXES = (
    *("nano- = 1e-9 = n-", "micro- = 1e-6 = µ- = μ- = u-", "milli- = 1e-3 = m-", "centi- = 1e-2 = c-"),
    *("kilo- = 1e3 = k-", "mega- = 1e6 = M-", "giga- = 1e9 = G-", "tera- = 1e12 = T-", "peta- = 1e15 = P-"),
    *("exa- = 1e18 = E-", "zetta- = 1e21 = Z-", "kibi- = 2**10 = Ki-", "mebi- = 2**20 = Mi-"),
    *("gibi- = 2**30 = Gi-", "tebi- = 2**40 = Ti-", "pebi- = 2**50 = Pi-"),
)
_UNITS = (
    *("bit = [information] = b", "byte = 8 * bit = B", "nat = 1.4426950408889634 * bit"),
    *("second = [time] = s = sec", "minute = 60 * second = min", "hour = 60 * minute = h = hr"),
    *(
        "day = 24 * hour",
        "week = 7 * day",
        "month = 30 * day",
        "year = 365 * day = yr",
        "hertz = 1 / second = Hz",
    ),
    *("flop = [operation] = FLOP = operation = op", "flops = flop / second = FLOPS"),
    *("joule = [energy] = J", "watt = joule / second = W", "watthour = watt * hour = Wh"),
    *("USD = [dollar] = dollar = usd", "CNY = [yuan] = yuan = RMB = cny = rmb"),
    *(
        "count = []",
        "percent = 0.01 = %",
        "permille = 0.001 = ‰",
        "radian = 1",
        "degree = 0.017453292519943295",
    ),
    *("token = 1 = tok", "parameter = 1 = param", "request = 1 = req", "sample = 1", "sequence = 1 = seq"),
    *(
        "step = 1",
        "item = 1",
        "question = 1",
        "document = 1 = doc",
        "chunk = 1",
        "user = 1",
        "image = 1",
        "word = 1",
    ),
    *("layer = 1", "expert = 1", "head = 1", "element = 1", "character = 1 = char", "time = 1", "fold = 1"),
    *(
        "gpu = 1 = GPU = card = device = node",
        "query = 1",
        "vector = 1",
        "point = 1",
        "batch = 1",
        "epoch = 1",
    ),
)
_TABLE = """
字节=byte 比特=bit 秒=second 毫秒=ms 微秒=us 分钟=minute 小时=hour 天=day 日=day 周=week 个月=month 年=year
美元=USD 人民币=CNY 元=CNY $=USD ¥=CNY 瓦=watt 焦耳=joule 千瓦时=kilowatthour 度=degree 百分点=percent
倍=count 个=count 次=count 块=count 条=count 轮=count
词元=token 参数=parameter 步=step 张=gpu 层=layer 题=question
KB=kB kb=kB mb=MB gb=GB tb=TB pb=PB kib=KiB mib=MiB gib=GiB tib=TiB kwh=kilowatthour kWh=kilowatthour
queries=query batches=batch x=count ×=count pct=percent hrs=hour mins=minute secs=second toks=token
"""
_SPELLINGS = {spelling: name for spelling, _, name in (pair.partition("=") for pair in _TABLE.split())}
_LABELS = {
    "second": ("秒", "seconds"),
    "s": ("秒", "seconds"),
    "minute": ("分钟", "minutes"),
    "hour": ("小时", "hours"),
    "day": ("天", "days"),
    "ms": ("毫秒", "ms"),
    "byte": ("字节", "bytes"),
    "bit": ("比特", "bits"),
    "parameter": ("参数", "parameters"),
    "token": ("token", "tokens"),
    "step": ("步", "steps"),
    "percent": ("%", "%"),
    "nat": ("nat", "nats"),
}
_RATES = frozenset(f"{prefix}{name}" for prefix in ("", "G", "T", "P", "E") for name in ("FLOPS", "flops"))


@functools.cache
def registry() -> pint.UnitRegistry[float]:
    """The registry, built on first use."""
    built: pint.UnitRegistry[float] = pint.UnitRegistry(None, cache_folder=None)
    for line in (*_PREFIXES, *_UNITS):
        built.define(line)
    return built


@functools.lru_cache(maxsize=4096)
def canonical(text: str) -> str | None:
    """A unit as people write it ("tokens/s", "GPU hours", "每秒") in Pint's words; None for no unit."""
    return _product(text.strip()) if text.strip() else ""


def is_unit(text: str) -> bool:
    """Whether a question may ask for this unit; "" is a plain number."""
    return canonical(text) is not None


@functools.lru_cache(maxsize=4096)
def factor(unit: str, wanted: str) -> float | None:
    """How many `wanted` are in one `unit` (both canonical), or None where they measure different things."""
    units = registry()
    have, want = units.Quantity(1.0, unit or "count"), units.Quantity(1.0, wanted or "count")
    if have.dimensionality != want.dimensionality:
        return None
    return float(have.to_base_units().magnitude / want.to_base_units().magnitude)


def label(unit: str, language: str) -> str:
    """The unit as a prompt names it in this language; it can be read back as the same unit."""
    zh, en = _LABELS.get(unit, (unit, unit))
    return zh if language == "zh-Hans" else en


def is_plain(unit: str) -> bool:
    """Whether the unit counts things or shares: an answer may then use 7B for 7e9."""
    return factor(unit, "") is not None


def _product(text: str) -> str | None:
    """`a b / c` or `a*b per c`: every word must be a unit, and the first slash divides by all that
    follows.
    """
    over, _, under = text.replace(" per ", "/").replace("每", "/").partition("/")
    parts = [
        [_word(word) for word in side.replace("*", " ").replace("·", " ").split()] for side in (over, under)
    ]
    if any(word is None for side in parts for word in side) or (over != text and not parts[1]):
        return None
    top, *bottom = ("*".join(word or "" for word in parts[0]) or "count", *(word or "" for word in parts[1]))
    return "/".join([top, *bottom])


def _word(word: str) -> str | None:
    power = word.rstrip("0123456789^").strip()
    if power != word:
        return None
    if word in _SPELLINGS:
        return _SPELLINGS[word]
    if word.endswith("FLOPs"):
        return _word(word[:-1])
    plural = len(word) > 3 and word.endswith("s") and word not in _RATES
    for name in (word, word[:-1]) if plural else (word,):
        for spelling in (name, name.lower()) if len(name) > 3 else (name,):
            if spelling in registry():
                return spelling
    return None
