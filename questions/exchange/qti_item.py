"""One QTI 3 assessment item from the sides of a question; texts of two languages stand in elements with xml:lang."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from xml.etree.ElementTree import Element, SubElement, fromstring, register_namespace

from questions.exchange.markup import html_of
from questions.exchange.sheet import Sheet, stem_with_unit

QTI_NAMESPACE = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "https://purl.imsglobal.org/spec/qti/v3p0/schema/xsd/imsqti_asiv3p0_v1p0.xsd"
_RESPONSES = {
    "single_choice": ("single", "identifier"),
    "multiple_choice": ("multiple", "identifier"),
    "ordering": ("ordered", "identifier"),
    "numeric": ("single", "float"),
    "short_text": ("single", "string"),
    "long_text": ("single", "string"),
}


def item_of(sides: Sequence[Sheet]) -> Element:
    """The item; choices are C1, C2 ... in the question's own order, shuffled by the player."""
    register_namespace("", QTI_NAMESPACE)
    first = sides[0]
    item = Element(
        f"{{{QTI_NAMESPACE}}}qti-assessment-item",
        {
            "identifier": first.slug,
            "title": first.slug,
            "adaptive": "false",
            "time-dependent": "false",
            XML_LANG: first.language,
        },
    )
    item.set(f"{{{_XSI}}}schemaLocation", f"{QTI_NAMESPACE} {_SCHEMA}")
    _declare_response(item, sides)
    _declare_outcome(item, "SCORE", "single", "float", "0")
    _declare_outcome(item, "FEEDBACK", _RESPONSES[first.kind][0] if first.options else "single", "identifier")
    _body(item, sides)
    _processing(item, first)
    _solution(item, sides)
    return item


def _add(parent: Element, name: str, **attributes: str) -> Element:
    named = {key.replace("_", "-"): value for key, value in attributes.items()}
    return SubElement(parent, f"{{{QTI_NAMESPACE}}}{name}", named)


def _declare_response(item: Element, sides: Sequence[Sheet]) -> None:
    first = sides[0]
    cardinality, base = _RESPONSES[first.kind]
    declaration = _add(
        item, "qti-response-declaration", identifier="RESPONSE", cardinality=cardinality, base_type=base
    )
    accepted = list(dict.fromkeys(text for side in sides for text in side.accepted))
    right = {
        "numeric": [repr(first.value)],
        "short_text": accepted[:1],
        "ordering": [f"C{at}" for at in range(1, len(first.steps) + 1)],
    }.get(first.kind, [f"C{at}" for at, option in enumerate(first.options, start=1) if option.is_right])
    if right:
        correct = _add(declaration, "qti-correct-response")
        for value in right:
            _add(correct, "qti-value").text = value
    if first.kind == "short_text":
        mapping = _add(declaration, "qti-mapping", default_value="0", upper_bound="1")
        for text in accepted:
            _add(mapping, "qti-map-entry", map_key=text, mapped_value="1", case_sensitive="false")


def _declare_outcome(item: Element, name: str, cardinality: str, base: str, default: str = "") -> None:
    declaration = _add(
        item, "qti-outcome-declaration", identifier=name, cardinality=cardinality, base_type=base
    )
    if default:
        _add(_add(declaration, "qti-default-value"), "qti-value").text = default


def _body(item: Element, sides: Sequence[Sheet]) -> None:
    first, body = sides[0], _add(item, "qti-item-body")
    _add_texts(body, sides, stem_with_unit)
    if first.kind in ("single_choice", "multiple_choice"):
        most = "1" if first.kind == "single_choice" else "0"
        asked = _add(
            body, "qti-choice-interaction", response_identifier="RESPONSE", shuffle="true", max_choices=most
        )
        for at, option in enumerate(first.options):
            choice = _add(asked, "qti-simple-choice", identifier=f"C{at + 1}")
            _add_texts(choice, sides, lambda side, at=at: side.options[at].text)  # type: ignore[misc]
            if option.rationale:
                told = _add(
                    choice,
                    "qti-feedback-block",
                    outcome_identifier="FEEDBACK",
                    identifier=f"C{at + 1}",
                    show_hide="show",
                )
                content = _add(told, "qti-content-body")
                _add_texts(content, sides, lambda side, at=at: side.options[at].rationale)  # type: ignore[misc]
    elif first.kind == "ordering":
        asked = _add(body, "qti-order-interaction", response_identifier="RESPONSE", shuffle="true")
        for at in range(len(first.steps)):
            choice = _add(asked, "qti-simple-choice", identifier=f"C{at + 1}")
            _add_texts(choice, sides, lambda side, at=at: side.steps[at])  # type: ignore[misc]
    elif first.kind == "long_text":
        _add(body, "qti-extended-text-interaction", response_identifier="RESPONSE")
        rubric = _add(body, "qti-rubric-block", use="scoring", view="scorer")
        _add_texts(
            _add(rubric, "qti-content-body"),
            sides,
            lambda side: "\n".join(f"- {line}" for line in side.rubric),
        )
    else:
        _add(
            _add(body, "p"),
            "qti-text-entry-interaction",
            response_identifier="RESPONSE",
            expected_length="30",
        )


def _add_texts(parent: Element, sides: Sequence[Sheet], text: Callable[[Sheet], str]) -> None:
    """The text of each side as a block in its language."""
    for side in sides:
        if words := text(side):
            parent.append(_block(side.language, words))


def _block(language: str, words: str) -> Element:
    block = fromstring(f'<div xmlns="{QTI_NAMESPACE}">{html_of(words)}</div>')  # noqa: S314  our own renderer's XHTML
    block.set(XML_LANG, language)
    return block


def _processing(item: Element, first: Sheet) -> None:
    if first.kind == "long_text":
        return
    processing = _add(item, "qti-response-processing")
    if first.kind == "short_text":
        score = _add(processing, "qti-set-outcome-value", identifier="SCORE")
        _add(score, "qti-map-response", identifier="RESPONSE")
        return
    if first.options:
        told = _add(processing, "qti-set-outcome-value", identifier="FEEDBACK")
        _add(told, "qti-variable", identifier="RESPONSE")
    holds = _add(_add(processing, "qti-response-condition"), "qti-response-if")
    if first.kind == "numeric":
        room = repr(first.tolerance)
        test = _add(holds, "qti-equal", tolerance_mode="absolute", tolerance=f"{room} {room}")
    else:
        test = _add(holds, "qti-match")
    _add(test, "qti-variable", identifier="RESPONSE")
    _add(test, "qti-correct", identifier="RESPONSE")
    full = _add(holds, "qti-set-outcome-value", identifier="SCORE")
    _add(full, "qti-base-value", base_type="float").text = "1"


def _solution(item: Element, sides: Sequence[Sheet]) -> None:
    if any(side.reference or side.solution for side in sides):
        told = _add(
            item,
            "qti-modal-feedback",
            outcome_identifier="FEEDBACK",
            identifier="none",
            show_hide="hide",
            title="Solution",
        )
        _add_texts(_add(told, "qti-content-body"), sides, lambda side: side.reference or side.solution)
