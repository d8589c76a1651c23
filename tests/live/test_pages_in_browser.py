"""Every page in a real Chromium: both languages, both widths, light and dark. No console error, no policy violation, nothing
wider than the window, no WCAG fault that axe-core finds. Pictures go to test-results/pages/ for people to look at.
"""

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from evalhub.accounts.models import User
from evalhub.runs.models import Run
from questions.bank import shipped
from questions.bank.models import Question
from questions.bank.services import load_shipped
from tests.scene import board_of, finished_run, open_run, suite_version

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
]
PICTURES = Path(__file__).resolve().parents[2] / "test-results" / "pages"
WIDTHS = {390: 844, 1440: 900}
EXAMINED = {
    ("en-GB", 1440, "light"),
    ("zh-CN", 390, "dark"),
}  # by axe, which takes longest: each value of each once
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        CHROMIUM is None, reason="no Chromium on the path; apt-get install chromium (tests/live)"
    ),
]


@dataclass(frozen=True)
class Scene:
    run: Run
    going: Run
    addresses: dict[str, str]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = (
        "1"  # playwright's loop runs in this thread; the database is used beside it
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def scene(browser: Browser, alice: User) -> Scene:
    """A little of everything; public, so that a visitor without an account sees it too."""
    load_shipped(questions=list(islice(shipped.questions(), 40)))
    version = suite_version(alice, items=24, is_public=True)
    run = finished_run(alice, version, right=18, name="strong-model", is_public=True)
    finished_run(alice, version, right=5, name="a-model-with-quite-a-long-name-70b-instruct", is_public=True)
    going = open_run(alice, version, name="going", is_public=True)
    board_of(alice, version, is_public=True)
    question = Question.objects.published().order_by("slug").first()
    assert question is not None
    addresses = {
        "home": reverse("home"),
        "boards": reverse("boards:index"),
        "board": reverse("boards:page", args=["basics"]),
        "runs": reverse("runs:index"),
        "run": reverse("runs:page", args=[run.pk]),
        "run-going": reverse("runs:page", args=[going.pk]),
        "run-start": reverse("runs:start"),
        "answers": reverse("runs:answers", args=[run.pk]),
        "answer": reverse("runs:answer", args=[run.pk, run.answers.order_by("pk")[0].pk]),
        "endpoints": reverse("endpoints:index"),
        "endpoint": reverse("endpoints:page", args=["strong-model"]),
        "endpoint-presets": reverse("endpoints:add"),
        "endpoint-add": reverse("endpoints:add_from", args=["vllm"]),
        "endpoint-edit": reverse("endpoints:edit", args=["strong-model"]),
        "suites": reverse("suites:index"),
        "suite": reverse("suites:page", args=["basics"]),
        "queue": reverse("queue"),
        "questions": reverse("bank:index"),
        "question": reverse("bank:question", args=[question.slug]),
        "practice": reverse("practice:index"),
        **_practised(alice, question),
        "profile": reverse("profile"),
        "password": reverse("account_change_password"),
        "login": reverse("account_login"),
        "signup": reverse("account_signup"),
        "not-found": "/nothing/here/",
    }
    return Scene(run, going, addresses)


def _practised(person: User, question: Question) -> dict[str, str]:
    """An attempt that waits for its answer, and one that has its grade."""
    client = Client()
    client.force_login(person)
    graded, waiting = (
        client.post(reverse("practice:try", args=[question.slug]), follow=True) for _ in range(2)
    )
    addresses = [page.redirect_chain[-1][0] for page in (graded, waiting)]
    client.post(addresses[0], {"response": "A", "choice": "A"})
    return {"practice-result": addresses[0], "practice-attempt": addresses[1]}


def context_of(
    browser: Browser, server: str, user: User | None, *, width: int, **options: object
) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": WIDTHS.get(width, 900)}, base_url=server, **options
    )
    context.set_default_timeout(15_000)
    if user is not None:
        client = Client()
        client.force_login(user)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": server}])
    return context


def complaints_of(page: Page) -> list[str]:
    """What the page says to its console as an error, and what it throws; filled while it is used."""
    found: list[str] = []
    page.on(
        "console",
        lambda message: found.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_every_page(
    browser: Browser, live_server: object, alice: User, scene: Scene, language: str, width: int, scheme: str
) -> None:
    faults: list[str] = []
    options = {"width": width, "locale": language, "color_scheme": scheme}
    visitor = context_of(browser, live_server.url, None, **options)  # type: ignore[attr-defined]
    evaluator = context_of(browser, live_server.url, alice, **options)  # type: ignore[attr-defined]
    for name, address in scene.addresses.items():
        page = (visitor if name in ("login", "signup") else evaluator).new_page()
        complaints = complaints_of(page)
        page.goto(address)
        _see_all(page)
        page.screenshot(path=PICTURES / f"{name}-{language[:2]}-{width}-{scheme}.png", full_page=True)
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wider > 0:
            faults.append(f"{name}: {wider} px wider than the window")
        faults += [f"{name}: {words}" for words in complaints if not (name == "not-found" and "404" in words)]
        if (language, width, scheme) in EXAMINED:
            faults += [f"{name}: {words}" for words in _accessibility_faults(page)]
        page.close()
    visitor.close()
    evaluator.close()
    assert not faults, "\n".join(faults)


def _see_all(page: Page) -> None:
    """Scroll through, so that what loads late loads; wait for charts where there are some."""
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")
    if page.query_selector("[data-charts]"):
        expect(page.locator("[data-chart=cost] .main-svg").first).to_be_attached(timeout=30_000)
    page.wait_for_timeout(150)
    page.evaluate("window.scrollTo(0, 0)")


def _accessibility_faults(page: Page) -> list[str]:
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG}})
    firsts = [(fault, fault["nodes"][0]) for fault in found.response["violations"]]
    return [
        f"{fault['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for fault, node in firsts
    ]


def test_the_theme_is_kept_and_does_not_flash(browser: Browser, live_server: object, scene: Scene) -> None:
    context = context_of(browser, live_server.url, None, width=1440, color_scheme="light")  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    button = page.locator("[data-theme-button]")
    expect(button).to_have_attribute("aria-label", "Theme: as the system")
    button.click()
    button.click()
    expect(button).to_have_attribute("aria-label", "Theme: dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.add_init_script(
        "document.addEventListener('DOMContentLoaded', () => window.first = document.documentElement.dataset.theme)"
    )
    page.reload()
    assert page.evaluate("window.first") == "dark"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    context.close()


def test_the_phones_menu_opens_by_keyboard(browser: Browser, live_server: object, scene: Scene) -> None:
    context = context_of(browser, live_server.url, None, width=390)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto("/")
    expect(page.locator("#nav")).to_be_hidden()
    button = page.locator("[data-menu-button]")
    button.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#nav")).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    context.close()


def test_the_first_tab_skips_to_the_content(browser: Browser, live_server: object, scene: Scene) -> None:
    context = context_of(browser, live_server.url, None, width=1440)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(scene.addresses["board"])
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    context.close()


def test_progress_moves_without_a_reload_and_ends(
    browser: Browser, live_server: object, alice: User, scene: Scene
) -> None:
    context = context_of(browser, live_server.url, alice, width=1440)  # type: ignore[attr-defined]
    page = context.new_page()
    complaints = complaints_of(page)
    page.goto(scene.addresses["run-going"])
    page.evaluate("window.unreloaded = true")
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    Run.objects.filter(pk=scene.going.pk).update(done=12, status="running")
    expect(page.locator("#live strong").first).to_have_text("12")
    expect(page.locator("#status")).to_have_text(re.compile("running, 50 % settled"))
    Run.objects.filter(pk=scene.going.pk).update(status="cancelled", cancelled=12)
    expect(page.get_by_role("button", name="Pause")).to_be_hidden()
    expect(page.locator("#live .tag").first).to_have_text("cancelled")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.wait_for_timeout(2_600)
    assert asked == []
    assert page.evaluate("window.unreloaded") is True
    assert complaints == []
    context.close()


def test_cancelling_asks_first(browser: Browser, live_server: object, alice: User, scene: Scene) -> None:
    context = context_of(browser, live_server.url, alice, width=1440)  # type: ignore[attr-defined]
    page = context.new_page()
    page.goto(scene.addresses["run-going"])
    page.once("dialog", lambda dialog: dialog.dismiss())
    page.get_by_role("button", name="Cancel the run").click()
    assert Run.objects.get(pk=scene.going.pk).status == "queued"
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Cancel the run").click()
    expect(page.get_by_text("Cancelled. The answers so far are kept.")).to_be_visible()
    assert Run.objects.get(pk=scene.going.pk).status == "cancelled"
    context.close()
