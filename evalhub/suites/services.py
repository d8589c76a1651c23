"""Composing and freezing suites. One transaction each."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from evalhub.errors import Invalid, NotReady
from evalhub.suites.benchmarks import wanted_of
from evalhub.suites.drafts import ItemDraft
from evalhub.suites.models import Item, Suite, SuiteVersion
from evalhub.suites.sources import SOURCES


def compose_version(*, suite: Suite) -> SuiteVersion:
    """The suite's recipe as a version with items; the version that exists already where the content is the same.

    Raises Invalid where the recipe names an unknown source, or selects nothing.
    """
    return _store(
        suite, _drafts(suite.recipe)
    )  # a benchmark takes seconds to build: not within the transaction


@transaction.atomic
def _store(suite: Suite, drafts: Sequence[ItemDraft]) -> SuiteVersion:
    content_hash = hashlib.sha256("\n".join(draft.key for draft in drafts).encode()).hexdigest()
    existing = suite.versions.filter(content_hash=content_hash).first()
    if existing:
        return existing
    number = (suite.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version = SuiteVersion.objects.create(
        suite=suite, number=number, item_count=len(drafts), content_hash=content_hash, recipe=suite.recipe
    )
    Item.objects.bulk_create(
        (Item(version=version, position=position, **vars(draft)) for position, draft in enumerate(drafts)),
        batch_size=500,
    )
    return version


@transaction.atomic
def add_source(*, suite: Suite, entry: Mapping[str, Any]) -> None:
    """Append an entry to the suite's recipe; nothing is built before the next composition.

    Raises Invalid for an unknown source, for a benchmark that lm-eval does not have, and where the entry stands already.
    """
    if entry.get("source") not in SOURCES:
        raise Invalid(
            f"Unknown source {entry.get('source')!r}; known are {', '.join(SOURCES)}.", field="recipe"
        )
    if entry["source"] == "lm_eval":
        wanted_of({key: value for key, value in entry.items() if key != "source"})
    recipe = Suite.objects.select_for_update().values_list("recipe", flat=True).get(pk=suite.pk)
    sources = list(recipe.get("sources", []))
    if dict(entry) in sources:
        raise Invalid(
            f"The recipe of {suite.slug} holds this already; change its settings to add it again.",
            field="suite",
        )
    Suite.objects.filter(pk=suite.pk).update(recipe={**recipe, "sources": [*sources, dict(entry)]})


def freeze_version(*, version: SuiteVersion) -> None:
    """Mark the version as run: from here on neither it nor its items change. Safe to repeat."""
    if not version.item_count:
        raise NotReady(f"{version} has no items; compose it again from a recipe that selects some.")
    SuiteVersion.objects.filter(pk=version.pk, frozen_at=None).update(frozen_at=Now())


def _drafts(recipe: Mapping[str, Any]) -> list[ItemDraft]:
    drafts: dict[str, ItemDraft] = {}
    for entry in recipe.get("sources", []):
        name = entry.get("source")
        if name not in SOURCES:
            raise Invalid(
                f"Unknown source {name!r} in the recipe; known are {', '.join(SOURCES)}.", field="recipe"
            )
        options = {key: value for key, value in entry.items() if key != "source"}
        drafts |= {draft.key: draft for draft in SOURCES[name](options)}
    if not drafts:
        raise Invalid("The recipe selects no items; widen its selection or load the bank.", field="recipe")
    return list(drafts.values())
