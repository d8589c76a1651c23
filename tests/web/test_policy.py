"""What no page may do: run inline script, carry inline style, ask another host; and how domain errors become HTTP."""

import re

import plotly
import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from evalhub.accounts.models import User
from evalhub.errors import EvalHubError, Invalid, NotAllowed, NotReady, Unavailable
from evalhub.web.finders import PLOTLY, inline_style_ids
from evalhub.web.middleware import DomainErrorMiddleware
from tests.cast import ClientOf
from tests.scene import board_of, finished_run, open_run, suite_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def addresses(alice: User) -> list[str]:
    """Every page of ours, with something on it."""
    version = suite_version(alice)
    run = finished_run(alice, version)
    going = open_run(alice, version, name="going")
    board_of(alice, version)
    return [
        *(reverse(name) for name in ("home", "queue", "profile", "boards:index", "runs:index", "runs:start")),
        *(
            reverse(name)
            for name in (
                "endpoints:index",
                "endpoints:add",
                "suites:index",
                "account_login",
                "account_signup",
            )
        ),
        *(
            reverse(name)
            for name in (
                "account_email",
                "account_change_password",
                "account_logout",
                "account_reset_password",
            )
        ),
        reverse("boards:page", args=["basics"]),
        *(reverse("runs:page", args=[pk]) for pk in (run.pk, going.pk)),
        reverse("runs:answers", args=[run.pk]),
        reverse("runs:answer", args=[run.pk, run.answers.first().pk]),
        reverse("endpoints:page", args=[run.endpoint.name]),
        reverse("endpoints:edit", args=[run.endpoint.name]),
        reverse("endpoints:add_from", args=["openai"]),
        reverse("suites:page", args=["basics"]),
    ]


def test_no_page_has_inline_script_or_style(client_of: ClientOf, alice: User, addresses: list[str]) -> None:
    browser = client_of(alice)
    for address in addresses:
        page = browser.get(address, follow=True)
        html = page.content.decode()
        assert page.status_code == 200, address
        policy = page["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "default-src 'none'" in policy
        assert not re.search(r"<[a-z][^>]*\s(?:style|on[a-z]+)\s*=", html), address
        assert not re.search(r"<script(?![^>]*\ssrc=)(?![^>]*application/json)", html), address
        assert not re.search(r"<style(?![^>]*\snonce=)", html), address
        assert not re.search(r"""<(?:script|link|img|iframe)[^>]*(?:src|href)=["'](?:https?:)?//""", html), (
            address
        )


def test_every_page_has_its_landmarks_and_one_heading(
    client_of: ClientOf, alice: User, addresses: list[str]
) -> None:
    browser = client_of(alice)
    for address in addresses:
        html = browser.get(address, follow=True).content.decode()
        assert html.count("<h1") == 1, address
        assert html.count("<main") == 1, address
        assert 'href="#main"' in html, address
        assert re.search(r"<title>.+ · EvalHub</title>|<title>\s*EvalHub</title>", " ".join(html.split())), (
            address
        )
        assert len(re.findall(r' id="([^"]+)"', html)) == len(set(re.findall(r' id="([^"]+)"', html))), (
            address
        )


def test_every_page_speaks_chinese(client_of: ClientOf, alice: User, addresses: list[str]) -> None:
    browser = client_of(alice)
    for address in addresses:
        html = browser.get(address, follow=True, headers={"accept-language": "zh-CN"}).content.decode()
        assert '<html lang="zh-Hans">' in html, address
        heading = re.sub(r"<[^>]+>", "", re.search(r"<h1.*?</h1>", html, re.S).group(0))
        assert re.search(r"[\u4e00-\u9fff]", heading) or any(
            name in heading for name in ("OpenAI", "model-a", "alice", "basics")
        ), address


def test_the_admins_looser_policy_is_for_staff_in_the_admin_only(
    client_of: ClientOf, alice: User, admin: User
) -> None:
    staff = client_of(admin)
    assert "'unsafe-eval'" in staff.get(reverse("admin:index"))["Content-Security-Policy"]
    assert "unsafe" not in staff.get(reverse("home"))["Content-Security-Policy"]
    assert "unsafe" not in client_of(alice).get(reverse("admin:index"))["Content-Security-Policy"]
    assert "unsafe" not in Client().get(reverse("admin:login"))["Content-Security-Policy"]


def test_staff_log_in_on_allauths_page(client: Client) -> None:
    assert client.get(reverse("admin:login")).url.startswith(reverse("account_login"))


# --- plotly under the policy --------------------------------------------------------------------------
def test_plotlys_script_is_served_and_nothing_else_of_it() -> None:
    found = finders.find(PLOTLY)
    assert found.endswith("plotly.min.js")
    assert plotly.__version__ in PLOTLY
    for name in (
        "vendor/widgetbundle.js",
        "vendor/plotly.min.js",
        "vendor/../plotly.min.js",
        "plotly.min.js",
    ):
        assert finders.find(name) is None


def test_the_static_address_answers_and_is_kept_for_ever(client: Client) -> None:
    response = client.get(f"/static/{PLOTLY}")
    assert response.status_code == 200
    assert "immutable" in response["Cache-Control"]
    response.close()


def test_styles_that_plotly_would_add_have_their_placeholders(client: Client, alice: User) -> None:
    version = suite_version(alice, is_public=True)
    finished_run(alice, version, is_public=True)
    board_of(alice, version, is_public=True)
    html = client.get(reverse("boards:page", args=["basics"])).content.decode()
    assert inline_style_ids()
    for name in inline_style_ids():
        assert f'<template id="{name}">' in html
    assert re.search(r'<style id="plotly.js-style-global" nonce="[^"]{20,}"></style>', html)


# --- domain errors ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("error", "status"),
    [(NotAllowed("no"), 403), (NotReady("no"), 409), (Invalid("no"), 400), (Unavailable("no"), 503)],
)
def test_a_domain_error_is_a_page_with_its_status(
    rf: RequestFactory, error: EvalHubError, status: int
) -> None:
    response = _refused(rf.get("/"), error)
    assert response.status_code == status
    assert "no" in response.content.decode()


def test_another_error_is_left_alone(rf: RequestFactory) -> None:
    assert (
        DomainErrorMiddleware(lambda request: HttpResponse()).process_exception(rf.get("/"), ValueError("x"))
        is None
    )


def test_a_message_with_markup_is_escaped(rf: RequestFactory) -> None:
    assert b"<b>" not in _refused(rf.get("/"), NotReady("<b>")).content


def test_a_form_from_elsewhere_is_not_redirected_there(rf: RequestFactory) -> None:
    assert (
        _refused(rf.post("/", headers={"referer": "https://evil.example/"}), NotReady("no")).status_code
        == 409
    )


def _refused(request: object, error: EvalHubError) -> HttpResponse:
    from django.contrib.auth.models import AnonymousUser

    request.user, request.htmx, request.resolver_match = AnonymousUser(), False, None  # type: ignore[attr-defined]
    response = DomainErrorMiddleware(lambda _: HttpResponse()).process_exception(request, error)  # type: ignore[arg-type]
    assert response is not None
    return response


@pytest.mark.parametrize("template", ["400.html", "403_csrf.html", "500.html"])
def test_error_pages_need_no_request(template: str) -> None:
    from django.template.loader import render_to_string

    html = render_to_string(template)
    assert "<h1>" in html
    assert "evalhub.css" in html
