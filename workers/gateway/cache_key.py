"""The content key of an answer: equal exactly where the same question to the same model may be answered from memory. Pure."""

from __future__ import annotations

import hashlib

import orjson

from workers.gateway.base import AskContext
from workers.providers.base import Ask, Target

CACHE_FORMAT = 1


def content_key(target: Target, ask: Ask, context: AskContext) -> str:
    """SHA-256 over provider, address, model, quirks, canonical request, repeat and renderer version; 64 hex digits.

    The API key is no part of it: it decides who pays, not what is answered.
    """
    quirks = orjson.dumps(dict(target.quirks), option=orjson.OPT_SORT_KEYS, default=str)
    place = (target.provider, target.base_url.rstrip("/"), target.model)
    head = f"{CACHE_FORMAT}|{'|'.join(place)}|{context.repeat}|{context.renderer}|".encode()
    return hashlib.sha256(head + quirks + b"|" + ask.canonical()).hexdigest()
