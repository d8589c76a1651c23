"""Anki decks (.apkg) by genanki: a note for every question and language, with identifiers that never change."""

from __future__ import annotations

import hashlib
import html
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import genanki
from markdown_it import MarkdownIt

from questions.exchange.base import Format
from questions.exchange.record import Loss, LossBook, Record
from questions.kinds import KINDS
from questions.kinds.base import KindError

_MODEL_ID, _DECK_ID = 1_607_392_319, 2_059_400_110  # fixed for ever: Anki knows note types and decks by them
_DECKS = {"zh-Hans": ("EvalHub 题库", _DECK_ID), "en": ("EvalHub questions", _DECK_ID + 1)}
_FIELDS = ("Question", "Answer", "Solution", "Source")
_STYLE = (
    ".card{font-family:sans-serif;font-size:18px;text-align:left;line-height:1.5}code,pre{font-size:.9em}"
)
_BACK = '{{FrontSide}}<hr id="answer">{{Answer}}<div>{{Solution}}</div><p><small>{{Source}}</small></p>'
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


class Anki(Format):
    """A deck a language. The GUID of a note is made of the question's id and the language alone, so a later export
    updates the cards a learner has instead of doubling them.
    """

    name = "anki"
    suffix = ".apkg"
    media_type = "application/apkg"
    reads = False

    def write(self, records: Iterable[Record]) -> tuple[bytes, Loss]:
        book = LossBook(self.name)
        model = genanki.Model(
            _MODEL_ID, "EvalHub question", fields=[{"name": name} for name in _FIELDS],
            templates=[{"name": "Card", "qfmt": "{{Question}}", "afmt": _BACK}], css=_STYLE,
        )  # fmt: skip
        decks = {language: genanki.Deck(key, name) for language, (name, key) in _DECKS.items()}
        for record in records:
            for language, deck in decks.items():
                if (fields := _fields(record, language)) is not None:
                    deck.add_note(genanki.Note(
                        model=model, fields=fields, guid=guid(record, language), tags=_tags(record, language),
                    ))  # fmt: skip
            book.count(*_lost(record))
        return _packed(list(decks.values())), book.closed()


def guid(record: Record, language: str) -> str:
    """The note's identifier: of the question's stable id (else its name) and the language."""
    return hashlib.sha256(f"evalhub|{record.uuid or record.slug}|{language}".encode()).hexdigest()[:20]


def _packed(decks: list[Any]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "deck.apkg"
        genanki.Package(decks).write_to_file(str(path))
        return path.read_bytes()


def _fields(record: Record, language: str) -> list[str] | None:
    """Question, answer, solution, source as HTML; None where the question is not in this language."""
    body = record.shown
    try:
        shown = KINDS[record.kind].present(body, language=language, seed=0)
    except KindError:
        return None
    choices = "".join(f"<li>{_inline(choice.text)}</li>" for choice in shown.choices)
    listing = f'<ol type="A">{choices}</ol>' if choices else ""
    solution = "" if "reference" in body else _side(body.get("solution"), language)
    return [
        _html(shown.stem) + listing,
        _html(
            answer_of(body, shown.key, {choice.index: choice.letter for choice in shown.choices}, language)
        ),
        _html(solution),
        html.escape(f"{record.slug} · {record.topic} · {record.author} · {record.licence}"),
    ]


def answer_of(
    body: Mapping[str, Any], key: Mapping[str, Any], letters: Mapping[int, str], language: str
) -> str:
    """The right answer as Markdown in one language; letters are those shown."""
    if "choices" in body:
        right = [at for at, choice in enumerate(body["choices"]) if choice.get("correct") is True]
        lines = sorted(f"**{letters[at]}.** {_side(body['choices'][at]['text'], language)}" for at in right)
        return "\n\n".join(lines)
    if "order" in key:
        return " → ".join(f"**{letter}**" for letter in key["order"])
    answer = body.get("answer") or {}
    if "value" in answer:
        return f"**{answer['value']:g} {answer['unit']}**".replace(" **", "**")
    if "accepted" in answer:
        return " / ".join(map(str, answer["accepted"].get(language) or ()))
    rubric = [f"- {_side(entry['text'], language)}" for entry in body.get("rubric") or ()]
    nodes = [f"- {_side(node['ask'], language)}" for node in body.get("nodes") or ()]
    return "\n".join([_side(body.get("reference"), language), "", *rubric, *nodes]).strip()


def _lost(record: Record) -> list[str]:
    body = record.shown
    found = {
        "parameters of the family (its rendering with seed 0 is written)": bool(record.family),
        "rationales of the choices": "choices" in body,
        "points, aliases and graded sample answers": "rubric" in body,
        "rules between the turns of an interview": "nodes" in body,
        "tests of the code": "code" in body,
        "references": bool(body.get("references")),
        "grading (a card is judged by its learner)": True,
    }
    return [thing for thing, is_lost in found.items() if is_lost]


def _tags(record: Record, language: str) -> list[str]:
    body = record.shown
    return [
        f"topic::{record.topic}",
        f"kind::{record.kind}",
        f"difficulty::{body.get('difficulty', '')}",
        language,
    ]


def _html(text: str) -> str:
    return str(_MARKDOWN.render(_mathjax(text)))


def _inline(text: str) -> str:
    return str(_MARKDOWN.renderInline(_mathjax(text)))


def _mathjax(text: str) -> str:
    r"""`$x$` as `\(x\)`, which Anki's MathJax reads, escaped so that Markdown leaves it alone."""
    parts = text.split("$")
    if len(parts) % 2 == 0:
        return text
    inside = [f"\\\\({_shielded(part)}\\\\)" if at % 2 else part for at, part in enumerate(parts)]
    return "".join(inside)


def _shielded(formula: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>()#+-.!|~&" else sign for sign in formula)


def _side(pair: Any, language: str) -> str:
    return str(pair.get(language) or "") if isinstance(pair, Mapping) else ""


ANKI = Anki()
