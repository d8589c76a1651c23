"""The whole bank, checked: every rule of docs/design/content-format.md, and what the bank covers."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalhub.registry import UnknownEntry
from questions.content_rules.anchors import AnchorAgreement, anchor_agreement
from questions.content_rules.balance import (
    FEWEST,
    LONGEST_LIMIT,
    is_balanced,
    key_positions,
    longest_share,
)
from questions.content_rules.duplicates import THRESHOLD, near_duplicates
from questions.content_rules.loading import Content, Taxonomy, bodies, document_problems
from questions.kinds import KINDS
from questions.kinds.base import LANGUAGES, Body, Problem
from questions.kinds.fields import duplicates, problem_if
from questions.kinds.texts import is_cjk

FACETS = ("topic", "kind", "depth", "style", "stage", "difficulty")


@dataclass(frozen=True, slots=True)
class Fault:
    """A problem and where it is: the file (empty for the bank as a whole), the question's id, the path
    within it.
    """

    file: str
    question: str
    path: str
    message: str

    def __str__(self) -> str:
        place = ": ".join(part for part in (self.file, self.question, self.path) if part)
        return f"{place}: {self.message}" if place else self.message


@dataclass(frozen=True, slots=True)
class Report:
    """What the check found. The bank may be shipped where `faults` is empty.

    `counts` has one table a facet (track, topic, kind, depth, style, stage, difficulty, language), every
    track and topic
    of the taxonomy included; `longest` is the share of single-choice questions whose right choice is the
    longest, by
    language (None for none); `anchors` says how the offline grading agrees with the graded sample answers.
    """

    total: int
    faults: tuple[Fault, ...]
    counts: Mapping[str, Mapping[str, int]]
    positions: Mapping[str, int]
    longest: Mapping[str, float | None]
    anchors: AnchorAgreement

    @property
    def is_clean(self) -> bool:
        return not self.faults

    def as_dict(self) -> dict[str, Any]:
        """The report in JSON types."""
        return dataclasses.asdict(self)


def check_bank(content: Content) -> Report:
    """Check every question alone and all of them together."""
    faults: list[Fault] = []
    sound: list[tuple[str, Body]] = []
    everything: list[tuple[str, Body]] = []
    for name, document in content.documents.items():
        faults += [
            Fault(name, "", p.path, p.message) for p in document_problems(name, document, content.taxonomy)
        ]
        for body in bodies(document):
            found = question_problems(body, content.taxonomy)
            faults += [Fault(name, str(body.get("id")), p.path, p.message) for p in found]
            everything.append((name, body))
            sound += [] if found else [(name, body)]
    faults += _id_faults(everything) + _duplicate_faults(everything)
    single = [body for _, body in sound if body["kind"] == "single_choice"]
    faults += _balance_faults(single)
    return Report(
        total=len(everything),
        faults=tuple(faults),
        counts=count_bank([body for _, body in everything], content.taxonomy),
        positions=key_positions(single),
        longest={language: longest_share(single, language) for language in LANGUAGES},
        anchors=anchor_agreement([body for _, body in sound if body["kind"] == "long_text"]),
    )


def question_problems(body: Body, taxonomy: Taxonomy) -> list[Problem]:
    """Every fault of one question alone, by its kind and by what only the bank knows."""
    try:
        kind = KINDS[str(body.get("kind"))]
    except UnknownEntry as error:
        return [Problem("kind", str(error))]
    also = body.get("also") or []
    strange = [code for code in also if code not in taxonomy.track_of] if isinstance(also, list) else [also]
    found = problem_if(bool(strange), "also", f"names {strange!r}, which taxonomy.json does not have")
    found += problem_if(body.get("topic") in also, "also", "repeats the question's own topic")
    return found + kind.validate(body) + _language_problems(body)


def stems(body: Body, language: str) -> Iterator[tuple[str, str]]:
    """The questions asked in a body, with their paths: its stem, or the turns of an interview."""
    pairs = [("stem", body.get("stem"))]
    pairs += [
        (f"nodes.{node.get('id')}.ask", node.get("ask")) for node in body.get("nodes") or [] if _is_map(node)
    ]
    for path, pair in pairs:
        if isinstance(pair, Mapping) and isinstance(pair.get(language), str):
            yield path, pair[language]


def count_bank(questions: Sequence[Body], taxonomy: Taxonomy) -> dict[str, dict[str, int]]:
    """How many questions stand under each value of each facet."""
    counts = {
        facet: dict(sorted(Counter(str(body.get(facet)) for body in questions).items())) for facet in FACETS
    }
    tracks = Counter(taxonomy.track_of.get(str(body.get("topic")), "?") for body in questions)
    counts["track"] = {track: tracks[track] for track in dict.fromkeys(taxonomy.track_of.values())}
    counts["topic"] = {topic: counts["topic"].get(topic, 0) for topic in taxonomy.track_of}
    counts["language"] = {name: sum(1 for body in questions if any(stems(body, name))) for name in LANGUAGES}
    return counts


def _is_map(value: Any) -> bool:
    return isinstance(value, Mapping)


def _language_problems(body: Body) -> list[Problem]:
    """A Chinese side with no Chinese, or an English one mostly Chinese, has been left untranslated or
    swapped.
    """
    found = []
    for path, text in stems(body, "zh-Hans"):
        found += problem_if(not any(map(is_cjk, text)), f"{path}.zh-Hans", "holds no Chinese; translate it")
    for path, text in stems(body, "en"):
        mostly = sum(map(is_cjk, text)) > 0.3 * len(text)
        found += problem_if(mostly, f"{path}.en", "is mostly Chinese; translate it")
    return found


def _id_faults(questions: Iterable[tuple[str, Body]]) -> list[Fault]:
    pairs = [(str(body.get("id")), name) for name, body in questions]
    return [
        Fault(
            "",
            same,
            "id",
            f"is used twice ({', '.join(name for used, name in pairs if used == same)}); rename one",
        )
        for same in duplicates([used for used, _ in pairs])
    ]


def _duplicate_faults(questions: Sequence[tuple[str, Body]]) -> list[Fault]:
    faults = []
    for language in LANGUAGES:
        asked = [(body, path, text) for _, body in questions for path, text in stems(body, language)]
        for pair in near_duplicates([text for _, _, text in asked]):
            (first, path, _), (second, _, _) = asked[pair.first], asked[pair.second]
            message = f"is {pair.similarity:.2f} alike to {second.get('id')} (limit {THRESHOLD}); ask something else"
            faults.append(Fault("", str(first.get("id")), f"{path}.{language}", message))
    return faults


def _balance_faults(single: Sequence[Body]) -> list[Fault]:
    faults = []
    if not is_balanced(single):
        faults.append(
            Fault("", "", "choices", f"the right choices stand unevenly: {dict(key_positions(single))}")
        )
    for language in LANGUAGES:
        share = longest_share(single, language)
        if share is not None and len(single) >= FEWEST and share > LONGEST_LIMIT:
            message = (
                f"the right choice is the longest in {share:.0%} ({language}, limit {LONGEST_LIMIT:.0%})"
            )
            faults.append(Fault("", "", "choices", f"{message}; write distractors as long as the key"))
    return faults
