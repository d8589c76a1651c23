"""From the YAML of a content folder to plain question bodies."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from questions.kinds.base import Problem
from questions.kinds.fields import problem_if, unknown_fields

SCHEMA = 1
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class ContentError(ValueError):
    """A content file that cannot be read as YAML; the message names the file and the place."""


class _StrictLoader(_LOADER):  # type: ignore[misc]  # the C loader has no stubs
    """Safe YAML in which a key that stands twice is an error instead of a silent loss."""


def _strict_mapping(loader: Any, node: Any) -> dict[Any, Any]:
    keys = [loader.construct_object(key, deep=True) for key, _ in node.value]
    same = sorted({str(key) for key in keys if keys.count(key) > 1})
    if same:
        raise ContentError(f"line {node.start_mark.line + 1}: {', '.join(same)} stands twice; remove one")
    return {
        key: loader.construct_object(value, deep=True)
        for key, (_, value) in zip(keys, node.value, strict=True)
    }


_StrictLoader.add_constructor("tag:yaml.org,2002:map", _strict_mapping)


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """The topic codes we know, and the track each belongs to."""

    track_of: Mapping[str, str]

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Taxonomy:
        """From the parsed `taxonomy.json` of the content folder."""
        pairs = ((topic["code"], track["code"]) for track in data["tracks"] for topic in track["topics"])
        return cls(dict(pairs))


@dataclass(frozen=True, slots=True)
class Content:
    """A content folder as parsed: each file's document, and the taxonomy."""

    documents: Mapping[str, Any]
    taxonomy: Taxonomy


def parse(text: str) -> Any:
    """Parse one content file. Raises ContentError where it is no YAML or a key stands twice."""
    try:
        return yaml.load(text, Loader=_StrictLoader)  # noqa: S506  # built on the safe loader
    except yaml.YAMLError as error:
        raise ContentError(str(error)) from error


def read_folder(folder: Path) -> Content:
    """Read every `*.yaml` and `taxonomy.json` of a folder. Raises ContentError naming the file that
    cannot be read.
    """
    documents = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            documents[path.name] = parse(path.read_text(encoding="utf-8"))
        except ContentError as error:
            raise ContentError(f"{path.name}: {error}") from error
    taxonomy = json.loads((folder / "taxonomy.json").read_text(encoding="utf-8"))
    return Content(documents, Taxonomy.read(taxonomy))


def bodies(document: Any) -> Iterator[dict[str, Any]]:
    """The questions of one document, each with the file's topic as its own."""
    if isinstance(document, Mapping) and isinstance(document.get("questions"), list):
        for question in document["questions"]:
            if isinstance(question, Mapping):
                yield {"topic": document.get("topic"), **question}


def document_problems(name: str, document: Any, taxonomy: Taxonomy) -> list[Problem]:
    """Faults of the file around its questions: schema, topic, name, shape."""
    if not isinstance(document, Mapping):
        return [Problem("", "is no mapping; write schema, topic and questions")]
    topic, entries = document.get("topic"), document.get("questions")
    found = unknown_fields(document, ("schema", "topic", "questions"))
    found += problem_if(
        document.get("schema") != SCHEMA, "schema", f"is {document.get('schema')!r}; write {SCHEMA}"
    )
    found += problem_if(
        topic not in taxonomy.track_of, "topic", f"is {topic!r}, which taxonomy.json does not have"
    )
    found += problem_if(name != f"{topic}.yaml", "topic", f"is {topic!r}; a file is named by its topic")
    if not isinstance(entries, list) or not entries:
        return [*found, Problem("questions", "is no list with an entry; write at least one question")]
    strange = [index for index, entry in enumerate(entries) if not isinstance(entry, Mapping)]
    return found + problem_if(bool(strange), "questions", f"entries {strange} are no mappings")
