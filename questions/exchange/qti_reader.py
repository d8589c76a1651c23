"""The sides of a question from one QTI 3 assessment item, ours or another program's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from xml.etree.ElementTree import Element, tostring

from questions.exchange.markup import markdown_of
from questions.exchange.qti_item import XML_LANG
from questions.exchange.sheet import Option, Sheet, language_of, split_name

_INTERACTIONS = {
    "qti-choice-interaction",
    "qti-order-interaction",
    "qti-text-entry-interaction",
    "qti-extended-text-interaction",
}
_APART = {"qti-rubric-block", "qti-feedback-block", "qti-feedback-inline", "qti-stylesheet"}


def sheets_in(item: Element, place: int) -> list[Sheet]:
    """One sheet a language found in the stem. Raises ValueError, saying what, for items of another make."""
    if _local(item) != "qti-assessment-item":
        raise ValueError(f"has the root <{_local(item)}>; an item has <qti-assessment-item>")
    body = _first(item, "qti-item-body")
    asked = (
        [element for element in body.iter() if _local(element) in _INTERACTIONS] if body is not None else []
    )
    others = [
        _local(e)
        for e in item.iter()
        if _local(e).endswith("-interaction") and _local(e) not in _INTERACTIONS
    ]
    if body is None or len(asked) != 1 or others:
        raise ValueError(
            f"has {len(asked)} interactions that are imported and {others[:3]} that are not; one is read"
        )
    stems = _texts(body, stop=asked[0]) or _texts(asked[0], only="qti-prompt")
    if not stems:
        raise ValueError("has no text before its interaction; write what is asked")
    answer = _first(item, "qti-modal-feedback")
    solutions = _texts(answer) if answer is not None else {}
    name = item.get("identifier", "")
    found = []
    for language, stem in stems.items():
        slug, spoken = split_name(f"{name}.{language}" if language else name, f"qti-{place}", stem)
        sheet = Sheet(slug, spoken, "long_text", stem, solution=_of(solutions, language))
        found.append(_answered(sheet, item, asked[0], language))
    return found


def _answered(sheet: Sheet, item: Element, asked: Element, language: str) -> Sheet:
    declaration = _first(item, "qti-response-declaration")
    if declaration is None:
        raise ValueError("declares no response; write <qti-response-declaration>")
    right = [(e.text or "").strip() for e in declaration.iter() if _local(e) == "qti-value"]
    kind = _local(asked)
    if kind == "qti-extended-text-interaction":
        return replace(sheet, reference=sheet.solution, solution="")
    if kind == "qti-text-entry-interaction":
        return _typed(sheet, item, declaration, right)
    choices = [element for element in asked.iter() if _local(element) == "qti-simple-choice"]
    if kind == "qti-order-interaction":
        texts = {choice.get("identifier", ""): _of(_texts(choice), language) for choice in choices}
        return replace(sheet, kind="ordering", steps=tuple(texts[name] for name in right if name in texts))
    options = tuple(
        Option(_of(_texts(choice), language), choice.get("identifier") in right, _rationale(choice, language))
        for choice in choices
    )
    is_single = declaration.get("cardinality") == "single"
    return replace(sheet, kind="single_choice" if is_single else "multiple_choice", options=options)


def _typed(sheet: Sheet, item: Element, declaration: Element, right: list[str]) -> Sheet:
    if declaration.get("base-type") in ("float", "integer"):
        try:
            value = float(right[0])
            equal = _first(item, "qti-equal")
            room = float((equal.get("tolerance") or "0").split()[0]) if equal is not None else 0.0
        except (IndexError, ValueError):
            raise ValueError(f"has the correct response {right[:1]}; write one number") from None
        return replace(sheet, kind="numeric", value=value, tolerance=room)
    keys = [e.get("map-key", "") for e in declaration.iter() if _local(e) == "qti-map-entry"]
    return replace(sheet, kind="short_text", accepted=tuple(dict.fromkeys([*right, *keys])))


def _rationale(choice: Element, language: str) -> str:
    found = [e for e in choice.iter() if _local(e) in ("qti-feedback-block", "qti-feedback-inline")]
    return _of(_texts(found[0]), language) if found else ""


def _of(texts: dict[str, str], language: str) -> str:
    """The text in this language; where the element does not part languages, its whole text."""
    return texts.get(language) or texts.get("") or ""


def _texts(parent: Element, stop: Element | None = None, only: str = "") -> dict[str, str]:
    """Markdown by language of what stands in the element (up to `stop`); the key is empty for text of no language."""
    parts: dict[str, list[str]] = {}
    if not only and (parent.text or "").strip():
        parts.setdefault("", []).append(parent.text or "")
    for child in _blocks(parent, only):
        if stop is not None and any(element is stop for element in child.iter()):
            break
        parts.setdefault(child.get(XML_LANG, ""), []).append(_html(child))
    texts = {language: markdown_of("".join(found)) for language, found in parts.items()}
    known = {language: text for language, text in texts.items() if text}
    if known.keys() - {"", "en", "zh-Hans"}:
        whole = "\n\n".join(known.values())
        return {language_of(whole): whole}
    return known


def _blocks(parent: Element, only: str) -> Iterator[Element]:
    """The children that are text of the element; those that belong apart are passed over, wrappers are opened."""
    for child in parent:
        name = _local(child)
        if name == "qti-content-body" or (only and name == only):
            if (child.text or "").strip():
                yield child
            else:
                yield from _blocks(child, "")
        elif not only and name not in _APART and not name.endswith("-interaction"):
            yield child


def _html(element: Element) -> str:
    """The element as HTML without namespaces."""
    text = tostring(element, encoding="unicode", method="xml")
    return text.replace("<ns0:", "<").replace("</ns0:", "</").replace("html:", "")


def _first(parent: Element, name: str) -> Element | None:
    return next((element for element in parent.iter() if _local(element) == name), None)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]
