"""The one seam where an HTTP answer that is not a success becomes a named error.

Statuses alone do not tell: a 429 may be a pause or an empty account, a 400 a typing error, a content filter or arrears.
So the error's own code is looked up first. Codes as documented by OpenAI, DashScope, Z.ai (GLM), Moonshot and DeepSeek.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from workers.providers.base import HttpAnswer, Target
from workers.providers.errors import (
    AskError,
    AuthRefused,
    ContentFiltered,
    EgressRefused,
    InvalidRequest,
    InvalidResponse,
    ModelMissing,
    Overloaded,
    QuotaExhausted,
    RateLimited,
    ServerError,
    TooLarge,
)

RAW_HEAD = 400
LONGEST_RETRY_AFTER_S = 3600.0

_BY_CODE: Mapping[str, type[AskError]] = {
    **dict.fromkeys(
        (
            "insufficient_quota",
            "insufficient_user_quota",
            "insufficient_balance",
            "billing_hard_limit_reached",
            "exceeded_current_quota_error",
            "arrearage",
            "allocationquota.freetieronly",
            "1113",
            "1304",
            "1308",
            "1309",
            "1310",
        ),
        QuotaExhausted,
    ),
    **dict.fromkeys(
        (
            "content_filter",
            "content_policy_violation",
            "responsibleaipolicyviolation",
            "data_inspection_failed",
            "datainspectionfailed",
            "1301",
        ),
        ContentFiltered,
    ),
    **dict.fromkeys(("model_not_found", "modelnotfound", "1211", "1221", "1222"), ModelMissing),
    **dict.fromkeys(("engine_overloaded_error", "overloaded_error", "server_overloaded"), Overloaded),
    **dict.fromkeys(("invalid_api_key", "invalidapikey", "invalid_authentication_error"), AuthRefused),
    **dict.fromkeys(("1000", "1001", "1002", "1003", "1004", "1220"), AuthRefused),
    **dict.fromkeys(("1302", "1303", "1305", "throttling", "rate_limit_reached_error"), RateLimited),
}
_BY_STATUS: Mapping[int, type[AskError]] = {
    401: AuthRefused,
    402: QuotaExhausted,
    403: AuthRefused,
    404: ModelMissing,
    408: ServerError,
    409: ServerError,
    413: TooLarge,
    425: ServerError,
    429: RateLimited,
    503: Overloaded,
    529: Overloaded,
}
_EMPTY_ACCOUNT = re.compile(
    r"insufficient (?:balance|quota|funds)|exceeded your current quota|余额不足|欠费", re.I
)
_DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+)ms)?")


def check_status(answer: HttpAnswer, target: Target) -> None:
    """Raise the error that this answer's status and body name; return for 2xx."""
    if not 200 <= answer.status < 300:
        raise error_of(answer, target)


def error_of(answer: HttpAnswer, target: Target) -> AskError:
    """The named error of an answer that is no success (or of a success whose body is an error)."""
    words, codes = _error_words(answer.body)
    kind = _kind_of(answer.status, codes, words)
    return kind(
        f"{target.base_url} answered {answer.status}: {words or 'no reason given'}.{_cure(kind, target)}",
        status=answer.status,
        raw_head=answer.body[:RAW_HEAD].decode("utf-8", "replace"),
        retry_after=retry_after(answer.headers) if kind in (RateLimited, Overloaded) else None,
        secrets=(target.api_key, *target.extra_headers.values()),
    )


def read_json(answer: HttpAnswer, target: Target) -> dict[str, Any]:
    """The JSON object of a success. Raises InvalidResponse, or the named error where a 200 carries one."""
    try:
        data = orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        kind = answer.headers.get("content-type", "no content type")
        raise invalid(f"The answer ({kind}) is not JSON: {error}", answer, target) from None
    if not isinstance(data, dict):
        raise invalid(f"The answer is a JSON {type(data).__name__}, not an object", answer, target)
    if data.get("error") and "choices" not in data:
        raise error_of(answer, target)
    return data


def invalid(message: str, answer: HttpAnswer, target: Target) -> InvalidResponse:
    """An InvalidResponse with the answer's head kept for whoever must find out why."""
    return InvalidResponse(
        f"{message}. Check that {target.base_url} is the API's address and not a web page's.",
        status=answer.status,
        raw_head=answer.body[:RAW_HEAD].decode("utf-8", "replace"),
        secrets=(target.api_key, *target.extra_headers.values()),
    )


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds the server asks us to wait, 0 to 3600, None where it says nothing readable.

    Reads `retry-after-ms`, `retry-after` (seconds, or a date, taken against the server's own Date so that our clock does
    not matter), then OpenAI's `x-ratelimit-reset-requests` ("6m0s").
    """
    if (millis := _number(headers.get("retry-after-ms", ""))) is not None:
        return _bounded(millis / 1000)
    value = headers.get("retry-after", "")
    if (seconds := _number(value)) is not None:
        return _bounded(seconds)
    if value and (until := _timestamp(value)) is not None:
        now = _timestamp(headers.get("date", ""))
        return _bounded(until - (time.time() if now is None else now))
    reset = headers.get("x-ratelimit-reset-requests", "")
    if reset and (found := _DURATION.fullmatch(reset)) is not None:
        hours, minutes, secs, millis_text = (float(part or 0) for part in found.groups())
        return _bounded(hours * 3600 + minutes * 60 + secs + millis_text / 1000)
    return None


def _kind_of(status: int, codes: tuple[str, ...], words: str) -> type[AskError]:
    if 300 <= status < 400:
        return EgressRefused
    for code in codes:
        if (kind := _BY_CODE.get(code)) is not None:
            return kind
    if status in (403, 429) and _EMPTY_ACCOUNT.search(words):
        return QuotaExhausted
    if (kind := _BY_STATUS.get(status)) is not None:
        return kind
    if status >= 500:
        return ServerError
    return InvalidRequest if status >= 400 else InvalidResponse


def _error_words(body: bytes) -> tuple[str, tuple[str, ...]]:
    """The message and the codes of an error body, in any of the shapes servers use."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return body[:200].decode("utf-8", "replace").strip(), ()
    if not isinstance(data, dict):
        return str(data)[:200], ()
    inner = data.get("error", data)
    if not isinstance(inner, dict):
        inner = {**data, "message": inner}
    words = inner.get("message") or inner.get("detail") or data.get("message") or ""
    codes = [inner.get("code"), inner.get("type"), data.get("code")]
    return str(words)[:300], tuple(str(code).lower() for code in codes if code not in (None, ""))


def _cure(kind: type[AskError], target: Target) -> str:
    return {
        AuthRefused: " Check the endpoint's key and its right to this model.",
        QuotaExhausted: " Top up the account, then resume the run.",
        ModelMissing: f" Check the address and the model name {target.model!r}.",
        EgressRefused: " Redirects are never followed: enter the final address.",
    }.get(kind, "")


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if value == value and abs(value) != float("inf") else None


def _timestamp(text: str) -> float | None:
    try:
        return parsedate_to_datetime(text).timestamp()
    except (TypeError, ValueError):
        return None


def _bounded(seconds: float) -> float:
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER_S)
