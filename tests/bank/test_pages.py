"""The bank's pages: filters, one question in both languages, what is not public stays hidden."""

import pytest
from django.test import Client
from django.urls import reverse

from questions.bank.models import Question, Security

pytestmark = pytest.mark.usefixtures("shipped_bank")


def slugs(page: object) -> set[str]:
    return {reading.version.question.slug for reading in page.context["readings"]}


def test_filters_narrow_the_list(client: Client) -> None:
    page = client.get(reverse("bank:index"), {"topic": "I1", "kind": "single_choice"})
    found = slugs(page)
    assert found
    assert (
        page.context["total"]
        == Question.objects.filter(current__topics="I1", current__kind="single_choice").count()
    )


def test_words_are_found_in_both_languages(client: Client) -> None:
    assert slugs(client.get(reverse("bank:index"), {"text": "cache"}))
    assert slugs(client.get(reverse("bank:index"), {"text": "缓存"}))
    nothing = client.get(reverse("bank:index"), {"text": "xyzzy-nothing"})
    assert not slugs(nothing)
    assert "No question fits" in nothing.content.decode()


@pytest.mark.parametrize(
    "kind",
    ["single_choice", "multiple_choice", "numeric", "long_text", "ordering", "short_text", "interview"],
)
def test_every_kind_has_a_page_in_both_languages(client: Client, kind: str) -> None:
    question = Question.objects.filter(current__kind=kind).select_related("current").first()
    assert question
    stem = question.current.body.get("stem")
    for language in ("zh-Hans", "en"):
        page = client.get(reverse("bank:question", args=[question.slug]), {"language": language})
        assert page.status_code == 200
        assert page.context["reading"].language == language
        if stem and kind != "interview":  # a thread's stem is its title; what is asked is its first turn
            assert page.context["reading"].stem == stem[language].strip()


def test_other_numbers_of_a_family(client: Client) -> None:
    question = Question.objects.exclude(current__family="").first()
    assert question
    pages = {
        client.get(reverse("bank:question", args=[question.slug]), {"seed": n}).context["reading"].stem
        for n in range(8)
    }
    assert len(pages) > 1


def test_held_out_and_private_questions_answer_404(client: Client) -> None:
    first, second = Question.objects.all()[:2]
    Question.objects.filter(pk=first.pk).update(security=Security.HELD_OUT)
    Question.objects.filter(pk=second.pk).update(is_public=False)
    for question in (first, second):
        assert client.get(reverse("bank:question", args=[question.slug])).status_code == 404


def test_page_queries(client: Client, django_assert_max_num_queries) -> None:
    slug = Question.objects.filter(current__kind="single_choice").first().slug
    with django_assert_max_num_queries(4):
        client.get(reverse("bank:question", args=[slug]))
    with django_assert_max_num_queries(4):
        client.get(reverse("bank:index"))
