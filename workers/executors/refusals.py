"""Telling a refusal from an answer that merely cannot be read. Looked at only where no answer was found."""

from __future__ import annotations

import re

from workers.providers.base import Reply

_LOOKED_AT = 300
_REFUSAL = re.compile(
    r"\bI(?:'m| am) (?:sorry|unable|not able|afraid I can)"
    r"|\bI (?:can(?:no|')?t|cannot|won't|will not|must decline)\b"
    r"|\bunable to (?:assist|help|answer|comply)"
    r"|(?:抱歉|对不起|很遗憾)[,,。::]?\s*(?:我|作为)"
    r"|我(?:无法|不能|没办法|没有办法)(?:回答|协助|帮助|提供|完成|满足)"
    r"|(?:无法|不能)(?:回答|讨论)(?:这个|该|此)",
    re.IGNORECASE,
)


def is_refusal(reply: Reply) -> bool:
    """Whether the server marked a refusal, or the text opens like one (English and Chinese)."""
    return (
        bool(reply.notes.get("refusal"))
        or _REFUSAL.search(reply.text[:_LOOKED_AT].replace("\u2019", "'")) is not None
    )
