"""What endpoints did with one question of the bank: for its own page, and for a person who just answered it."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import Avg, Count, Max

from evalhub.runs.models import Answer, Run


@dataclass(frozen=True, slots=True)
class LanguageScore:
    """The mean score over an endpoint's answers in one language; None where nothing was scored."""

    language: str
    n: int
    mean: float | None


@dataclass(frozen=True, slots=True)
class EndpointOnQuestion:
    endpoint: str
    run_id: int
    scores: tuple[LanguageScore, ...]

    @property
    def solves(self) -> bool:
        """Right in every language asked, every time."""
        return all(score.mean == 1.0 for score in self.scores)


def endpoints_on_question(user: Any, question_id: int) -> list[EndpointOnQuestion]:
    """Each endpoint's latest finished run with the question, among runs the person may see (2 queries)."""
    runs = Run.objects.visible_to(user).finished()
    asked = runs.filter(suite_version__items__question_version__question=question_id)
    latest = asked.values("endpoint").annotate(last=Max("pk")).values("last")
    rows = (
        Answer.objects.filter(run__in=latest, item__question_version__question=question_id)
        .values_list("run__endpoint__name", "run_id", "item__language")
        .annotate(n=Count("score"), mean=Avg("score"))
        .order_by("run__endpoint__name", "item__language")
    )
    found: dict[tuple[str, int], list[LanguageScore]] = defaultdict(list)
    for endpoint, run_id, language, n, mean in rows:
        found[endpoint, run_id].append(LanguageScore(language, n, mean))
    return [EndpointOnQuestion(*key, tuple(scores)) for key, scores in found.items()]
