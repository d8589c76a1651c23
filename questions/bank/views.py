"""Reading the bank: the list with filters, and one question with its solution."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from evalhub.keyset import page
from questions.bank import labels, queries
from questions.bank.models import Question
from questions.languages import CONTENT_LANGUAGES, chosen_language, content_language

PAGE = 30


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    names = queries.Filters.__dataclass_fields__
    filters = queries.Filters(**{name: request.GET.get(name, "")[:80] for name in names})
    rows = queries.questions(request.user, filters)
    found = page(rows, after=request.GET.get("after"), before=request.GET.get("before"), size=PAGE)
    language = content_language()
    context = {
        "page": found,
        "readings": [queries.reading(question.current, language) for question in found.items],
        "total": rows.count(),
        "filters": filters,
        "tracks": queries.tracks(request.user),
        "facets": _facets(filters),
    }
    return render(request, "bank/index.html", context)


def _facets(filters: queries.Filters) -> list[dict[str, object]]:
    groups = {
        "kind": labels.KIND,
        "style": labels.STYLE,
        "depth": labels.DEPTH,
        "difficulty": labels.DIFFICULTY,
    }
    return [
        {"name": name, "choices": list(choices.items()), "chosen": getattr(filters, name)}
        for name, choices in groups.items()
    ]


@require_safe
def question(request: HttpRequest, slug: str) -> HttpResponse:
    visible = Question.objects.visible_to(request.user).for_practice()
    found = get_object_or_404(visible.select_related("current__topic"), slug=slug)
    language = chosen_language(request.GET.get("language"))
    seed = int(request.GET["seed"]) % 10_000 if request.GET.get("seed", "").isdecimal() else 0
    context = {
        "question": found,
        "reading": queries.reading(found.current, language, seed),
        "next_seed": seed + 1,
        "languages": CONTENT_LANGUAGES,
        "topics": found.current.topics.all(),
        "versions": found.versions.defer("body"),
    }
    return render(request, "bank/question.html", context)
