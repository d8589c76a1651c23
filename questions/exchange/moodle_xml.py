"""Moodle XML: https://docs.moodle.org/en/Moodle_XML_format. One language a question, tags for what Moodle has no field for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from questions.exchange.base import Format
from questions.exchange.limits import xml_of
from questions.exchange.markup import html_of, markdown_of
from questions.exchange.record import ExchangeError, Loss, LossBook, Record, Row
from questions.exchange.sheet import (
    Option,
    Sheet,
    joined,
    language_of,
    losses,
    notes_of,
    sheets_of,
    split_name,
    stem_with_unit,
    with_notes,
)

_TYPES = {
    "single_choice": "multichoice",
    "multiple_choice": "multichoice",
    "numeric": "numerical",
    "short_text": "shortanswer",
    "long_text": "essay",
    "ordering": "ordering",
}
_READ = {"multichoice", "truefalse", "numerical", "shortanswer", "essay", "ordering"}


class MoodleXml(Format):
    """The question's name is `slug.language`; ordering needs Moodle 4.4 or its plugin."""

    name = "moodle_xml"
    suffix = ".moodle.xml"
    media_type = "application/xml"

    def write(self, records: Iterable[Record]) -> tuple[bytes, Loss]:
        book, quiz = LossBook(self.name), Element("quiz")
        for record in records:
            if record.kind not in _TYPES:
                book.leave_out(record.slug, f"Moodle has no {record.kind}; use jsonl or markdown")
                continue
            for sheet in sheets_of(record):
                _add_question(quiz, sheet)
            book.count(*losses(record))
        indent(quiz)
        return tostring(quiz, encoding="utf-8", xml_declaration=True), book.closed()

    def read(self, data: bytes) -> Iterator[Row]:
        root = xml_of(data)
        if root.tag != "quiz":
            raise ExchangeError(f"The root element is <{root.tag}>; a Moodle export has <quiz>.")
        sheets: list[tuple[int, Sheet]] = []
        category = ""
        for place, element in enumerate(root.iter("question"), start=1):
            kind = element.get("type", "")
            if kind == "category":
                category = _text(element, "category").rsplit("/", 1)[-1]
                continue
            try:
                sheet = _read(place, kind, element)
            except ValueError as error:
                yield Row(place, None, str(error))
                continue
            known = {"topic": category} if category.isalnum() and len(category) <= 4 else {}
            sheets.append((place, with_notes(sheet, {**known, **_tags(element)})))
        yield from joined(sheets)


def _add_question(quiz: Element, sheet: Sheet) -> None:
    question = SubElement(quiz, "question", type=_TYPES[sheet.kind])
    _add_text(question, "name", sheet.name)
    _add_html(question, "questiontext", html_of(stem_with_unit(sheet)))
    _add_html(question, "generalfeedback", html_of(sheet.reference or sheet.solution))
    _add_plain(question, defaultgrade="1.0000000", penalty="0.3333333", hidden="0", idnumber=sheet.name)
    if sheet.kind in ("single_choice", "multiple_choice"):
        _add_choices(question, sheet)
    elif sheet.kind == "numeric":
        answer = _add_answer(question, repr(sheet.value), 100)
        _add_plain(answer, tolerance=repr(sheet.tolerance))
    elif sheet.kind == "short_text":
        _add_plain(question, usecase="0")
        for text in sheet.accepted:
            _add_answer(question, text, 100)
    elif sheet.kind == "ordering":
        _add_plain(
            question,
            layouttype="VERTICAL",
            selecttype="ALL",
            selectcount="0",
            gradingtype="ABSOLUTE_POSITION",
        )
        for number, step in enumerate(sheet.steps, start=1):
            _add_answer(question, html_of(step, inline=True), number, is_html=True)
    else:
        _add_plain(
            question, responseformat="editor", responserequired="1", responsefieldlines="15", attachments="0"
        )
        criteria = "\n".join(f"- {line}" for line in sheet.rubric)
        _add_html(question, "graderinfo", html_of(f"{sheet.reference}\n\n{criteria}"))
    tags = SubElement(question, "tags")
    for name, value in notes_of(sheet).items():
        _add_text(tags, "tag", f"{name}={value}")


def _add_choices(question: Element, sheet: Sheet) -> None:
    right = sum(option.is_right for option in sheet.options)
    wrong = len(sheet.options) - right
    is_single = sheet.kind == "single_choice"
    _add_plain(question, single=str(is_single).lower(), shuffleanswers="true", answernumbering="ABCD")
    for option in sheet.options:
        share = 100 / right if option.is_right else 0 if is_single else -100 / max(wrong, 1)
        answer = _add_answer(question, html_of(option.text, inline=True), share, is_html=True)
        _add_html(answer, "feedback", html_of(option.rationale))


def _add_answer(question: Element, text: str, share: float, *, is_html: bool = False) -> Element:
    fraction = f"{share:.5f}".rstrip("0").rstrip(".")
    answer = SubElement(
        question, "answer", fraction=fraction, format="html" if is_html else "moodle_auto_format"
    )
    SubElement(answer, "text").text = text
    return answer


def _add_text(parent: Element, name: str, text: str) -> None:
    SubElement(SubElement(parent, name), "text").text = text


def _add_html(parent: Element, name: str, text: str) -> None:
    SubElement(SubElement(parent, name, format="html"), "text").text = text


def _add_plain(parent: Element, **values: str) -> None:
    for name, value in values.items():
        SubElement(parent, name).text = value


def _read(place: int, kind: str, element: Element) -> Sheet:
    if kind not in _READ:
        raise ValueError(
            f"is of type {kind!r}, which is not imported; of Moodle's types these are: {', '.join(sorted(_READ))}"
        )
    stem = _markdown(element, "questiontext")
    if not stem:
        raise ValueError("has no question text")
    name = _text(element, "name") or (element.findtext("idnumber") or "")
    slug, language = split_name(name, f"moodle-{place}", stem)
    sheet = Sheet(slug, language, "long_text", stem, solution=_markdown(element, "generalfeedback"))
    answers = element.findall("answer")
    if kind == "numerical":
        return _numeric(sheet, answers)
    if kind == "shortanswer":
        return replace(sheet, kind="short_text", accepted=tuple(_plain(a) for a in answers if _share(a) > 0))
    if kind == "ordering":
        steps = sorted(answers, key=_share)
        return replace(sheet, kind="ordering", steps=tuple(_content(step) for step in steps))
    if kind == "essay":
        return replace(sheet, reference=sheet.solution or _markdown(element, "graderinfo"), solution="")
    return _choices(sheet, element, kind, answers)


def _choices(sheet: Sheet, element: Element, kind: str, answers: list[Element]) -> Sheet:
    if kind == "truefalse":
        words = (
            {"true": "对", "false": "错"}
            if language_of(sheet.stem) == "zh-Hans"
            else {"true": "True", "false": "False"}
        )
        options = [
            Option(words.get(_plain(a), _plain(a)), _share(a) > 0, _markdown(a, "feedback")) for a in answers
        ]
    else:
        options = [Option(_content(a), _share(a) > 0, _markdown(a, "feedback")) for a in answers]
    is_single = kind == "truefalse" or (element.findtext("single") or "true").strip() in ("true", "1")
    return replace(sheet, kind="single_choice" if is_single else "multiple_choice", options=tuple(options))


def _numeric(sheet: Sheet, answers: list[Element]) -> Sheet:
    full = [answer for answer in answers if _share(answer) >= 100]
    try:
        room = (full[0].findtext("tolerance") or "0").strip()
        return replace(sheet, kind="numeric", value=float(_plain(full[0])), tolerance=float(room))
    except (IndexError, ValueError):
        raise ValueError("has no answer of 100 % that is a number") from None


def _share(answer: Element) -> float:
    try:
        return float(answer.get("fraction") or 0)
    except ValueError:
        raise ValueError(f"has an answer with fraction {answer.get('fraction')!r}; write a number") from None


def _tags(element: Element) -> Mapping[str, str]:
    texts = [tag.findtext("text") or "" for tag in element.findall("tags/tag")]
    pairs = (text.partition("=") for text in texts if "=" in text)
    return {name: value for name, _, value in pairs}


def _text(element: Element, name: str) -> str:
    return (element.findtext(f"{name}/text") or "").strip()


def _markdown(element: Element, name: str) -> str:
    found = element.find(name)
    if found is None:
        return ""
    text = (found.findtext("text") or "").strip()
    return text if found.get("format") in ("markdown", "plain_text") else markdown_of(text)


def _content(answer: Element) -> str:
    text = _plain(answer)
    return markdown_of(text) if answer.get("format", "html") == "html" else text


def _plain(answer: Element) -> str:
    return (answer.findtext("text") or "").strip()


MOODLE_XML = MoodleXml()
