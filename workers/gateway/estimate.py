"""How many tokens a request may cost, before it is sent. Pure.

Upper bound for the budget: a byte-level tokenizer never makes more tokens than there are bytes; chat templates add a few a
message. Likely count for tokens per minute: four bytes a token, and the answer's length as asked for.
"""

from __future__ import annotations

from workers.gateway.base import Usage
from workers.providers.base import Ask, Reply, Target

OUT_WHERE_UNSAID = 8192
TEMPLATE_TOKENS = 64
TOKENS_A_MESSAGE = 16
BYTES_A_TOKEN = 4
LIKELY_OUT = 512


def estimate(ask: Ask, target: Target) -> tuple[Usage, int]:
    """The upper bound, and the likely total in tokens.

    Where the answer's length is left to the server, the quirk `max_output_tokens` bounds it, else 8192.
    """
    size = byte_length(ask.prompt) + byte_length(ask.continuation)
    for message in ask.messages:
        content = message.get("content")
        size += byte_length(content) if isinstance(content, str) else byte_length(repr(content))
    most_out = _most_out(ask, target)
    bound = Usage(size + TEMPLATE_TOKENS + TOKENS_A_MESSAGE * len(ask.messages), most_out)
    return bound, size // BYTES_A_TOKEN + min(most_out, LIKELY_OUT)


def usage_of(reply: Reply, bound: Usage) -> Usage:
    """What a reply used; the bound where the server did not say."""
    return Usage(
        bound.tokens_in if reply.tokens_in is None else reply.tokens_in,
        bound.tokens_out if reply.tokens_out is None else reply.tokens_out,
    )


def byte_length(text: str) -> int:
    """Bytes of `text` in UTF-8; costs nothing for ASCII."""
    return len(text) if text.isascii() else len(text.encode())


def _most_out(ask: Ask, target: Target) -> int:
    if ask.kind == "letters":
        return 1
    if ask.kind == "loglikelihood":
        return byte_length(ask.continuation)
    return ask.max_tokens or int(target.quirks.get("max_output_tokens", OUT_WHERE_UNSAID))
