"""Statuses and bodies of real servers, and the error each becomes."""

from typing import Any

import orjson
import pytest

from workers.providers.base import HttpAnswer, Target
from workers.providers.errors import (
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
from workers.providers.http_status import check_status, error_of, read_json, retry_after

TARGET = Target("openai_chat", "http://x/v1", "m", api_key="sk-secret-key-1")


def openai_error(code: str, message: str = "m") -> dict[str, Any]:
    return {"error": {"message": message, "type": code, "code": code, "param": None}}


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (429, openai_error("rate_limit_exceeded"), RateLimited),
        (429, openai_error("insufficient_quota"), QuotaExhausted),
        (429, {"error": {"message": "You exceeded your current quota"}}, QuotaExhausted),
        (401, openai_error("invalid_api_key"), AuthRefused),
        (403, openai_error("unsupported_country_region_territory"), AuthRefused),
        (404, openai_error("model_not_found"), ModelMissing),
        (400, openai_error("context_length_exceeded"), InvalidRequest),
        (400, openai_error("content_filter"), ContentFiltered),
        (500, openai_error("server_error"), ServerError),
        (503, openai_error("x"), Overloaded),
        (413, {}, TooLarge),
        (422, {"detail": [{"loc": ["body"], "msg": "field required"}]}, InvalidRequest),
        (402, {"error": {"message": "Insufficient Balance"}}, QuotaExhausted),  # DeepSeek
        (400, {"error": {"code": "Arrearage", "message": "Access denied"}}, QuotaExhausted),  # DashScope
        (400, {"error": {"code": "data_inspection_failed", "message": "x"}}, ContentFiltered),  # DashScope
        (401, {"error": {"code": "invalid_api_key", "message": "x"}}, AuthRefused),
        (429, {"error": {"code": "1113", "message": "Your account is in arrears"}}, QuotaExhausted),  # GLM
        (429, {"error": {"code": "1302", "message": "High concurrency"}}, RateLimited),  # GLM
        (400, {"error": {"code": "1301", "message": "unsafe content"}}, ContentFiltered),  # GLM
        (400, {"error": {"code": "1211", "message": "Model does not exist"}}, ModelMissing),  # GLM
        (
            429,
            {"error": {"type": "exceeded_current_quota_error", "message": "x"}},
            QuotaExhausted,
        ),  # Moonshot
        (429, {"error": {"type": "engine_overloaded_error", "message": "x"}}, Overloaded),  # Moonshot
        (429, {"error": {"type": "rate_limit_reached_error", "message": "x"}}, RateLimited),  # Moonshot
        (404, {"error": "model 'x' not found, try pulling it first"}, ModelMissing),  # Ollama
        (400, {"object": "error", "message": "too long", "code": 400}, InvalidRequest),  # vLLM
        (529, {"error": {"type": "overloaded_error", "message": "Overloaded"}}, Overloaded),
        (307, {}, EgressRefused),
        (418, {}, InvalidRequest),
        (599, {}, ServerError),
    ],
)
def test_status_and_code_name_the_error(status: int, body: dict[str, Any], expected: type) -> None:
    error = error_of(HttpAnswer(status, {}, orjson.dumps(body)), TARGET)
    assert type(error) is expected
    assert error.status == status


@pytest.mark.parametrize(
    "body", [b"", b"<html>502</html>", b"[1,2]", b'"text"', b'{"error": null}', b'{"error": {"code": null}}']
)
def test_no_error_body_is_too_strange(body: bytes) -> None:
    assert isinstance(error_of(HttpAnswer(502, {}, body), TARGET), ServerError)


def test_success_passes() -> None:
    check_status(HttpAnswer(200, {}, b""), TARGET)


def test_the_key_is_masked_where_a_server_repeats_it() -> None:
    answer = HttpAnswer(401, {}, orjson.dumps(openai_error("invalid_api_key", "wrong key: sk-secret-key-1")))
    error = error_of(answer, TARGET)
    assert "secret" not in error.message + error.raw_head


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "1"}, 0.25),
        ({"retry-after": "Mon, 01 Jan 2024 00:01:00 GMT", "date": "Mon, 01 Jan 2024 00:00:00 GMT"}, 60.0),
        ({"x-ratelimit-reset-requests": "6m0s"}, 360.0),
        ({"x-ratelimit-reset-requests": "120ms"}, 0.12),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "999999"}, 3600.0),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({}, None),
    ],
)
def test_retry_after_in_every_spelling(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"[]", b"null", b'{"a": NaN}', b"\xff\xfe"])
def test_a_success_that_is_no_json_object_is_invalid(body: bytes) -> None:
    with pytest.raises(InvalidResponse) as caught:
        read_json(HttpAnswer(200, {"content-type": "text/html"}, body), TARGET)
    assert caught.value.raw_head == body[:400].decode("utf-8", "replace")


def test_an_error_inside_a_200_is_that_error() -> None:
    with pytest.raises(QuotaExhausted):
        read_json(HttpAnswer(200, {}, orjson.dumps(openai_error("insufficient_quota"))), TARGET)
