"""What pages show, made small: finished runs with real prompts and grades, and a board over them."""

from django.utils import timezone

from benchmarks.world import make_endpoint, make_version
from evalhub.accounts.models import User
from evalhub.boards.models import Board
from evalhub.boards.services import refresh_board
from evalhub.runs.finish import finish_run
from evalhub.runs.models import Answer, Grade, Run, Shard, ShardStatus
from evalhub.runs.services import start_run
from evalhub.suites.models import SuiteVersion
from questions.kinds.base import Presented
from workers.executors.base import RunSettings
from workers.executors.registry import EXECUTORS


def suite_version(
    owner: User, *, items: int = 8, slug: str = "basics", is_public: bool = False
) -> SuiteVersion:
    version = make_version(items, slug=slug)
    type(version.suite).objects.filter(pk=version.suite_id).update(owner=owner, is_public=is_public)
    version.suite.refresh_from_db()
    return version


def open_run(owner: User, version: SuiteVersion, *, name: str = "model-a", is_public: bool = False) -> Run:
    endpoint = make_endpoint(name, owner=owner, is_public=is_public)
    return start_run(endpoint=endpoint, suite_version=version, owner=owner, is_public=is_public)


def finished_run(
    owner: User, version: SuiteVersion, *, right: int = 4, name: str = "model-a", is_public: bool = False
) -> Run:
    """A run in which the first `right` items are answered correctly and the last one is truncated."""
    run = open_run(owner, version, name=name, is_public=is_public)
    items = list(version.items.all())
    for number, item in enumerate(items):
        outcome = "correct" if number < right else "truncated" if number == len(items) - 1 else "wrong"
        _answer(run, item, outcome)
    Shard.objects.filter(run=run).update(status=ShardStatus.DONE)
    Run.objects.filter(pk=run.pk).update(done=len(items), tokens_in=90, tokens_out=40, spent_nano=2_500_000)
    assert finish_run(run.pk)
    run.refresh_from_db()
    return run


def board_of(owner: User, version: SuiteVersion, *, slug: str = "basics", is_public: bool = False) -> Board:
    """A board over the version's suite with its rows computed."""
    board = Board.objects.create(
        slug=slug,
        title_zh="基础榜",
        title_en="Basics board",
        suite=version.suite,
        owner=owner,
        is_public=is_public,
    )
    refresh_board(board=board)
    board.refresh_from_db()
    return board


def _answer(run: Run, item: object, outcome: str) -> Answer:
    presented = Presented.from_dict(item.spec["presented"])  # type: ignore[attr-defined]
    right = next(choice.letter for choice in presented.choices if choice.index == presented.key["index"])
    letter = right if outcome == "correct" else next(c for c in presented.letters if c != right)
    settings = RunSettings.from_dict(run.settings)
    ask = EXECUTORS.get(settings.method).render(item.spec, settings, repeat=0)  # type: ignore[attr-defined]
    answer = Answer.objects.create(
        run=run,
        item=item,
        outcome=outcome,
        score=1.0 if outcome == "correct" else 0.0,
        extracted="" if outcome == "truncated" else letter,
        text="Let us see. Answer: " + letter if outcome != "truncated" else "Let us see",
        tokens_in=10,
        tokens_out=5,
        latency_s=0.25,
        request_hash=ask.request_hash(),
        created_at=timezone.now(),
    )
    Grade.objects.create(
        answer=answer,
        grader="chat/1",
        rung="key",
        outcome=outcome,
        score=answer.score,
        evidence=[{"criterion": "key", "verdict": "met" if answer.score else "not_met", "quote": letter}],
        created_at=timezone.now(),
    )
    return answer
