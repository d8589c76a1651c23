"""The bank we ship, as read from files: YAML questions, the parametric families, the taxonomy. No database here."""

import hashlib
import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from evalhub.errors import Invalid
from questions.families import FAMILIES
from questions.families.base import render

CONTENT = Path(__file__).resolve().parent.parent / "content"
NAMESPACE = uuid.UUID("6f2b51c6-5f0e-5f0c-9d53-3c1c2f0a7e11")  # of our stable ids; never changes
FAMILY_PROBES = 5


@dataclass(frozen=True)
class ShippedTopic:
    code: str
    track: str
    name_zh: str
    name_en: str
    track_name_zh: str
    track_name_en: str
    position: int
    is_thin: bool


@dataclass(frozen=True)
class ShippedQuestion:
    """One question of the files; `body` is the dict of docs/design/content-format.md, or {"family": name}."""

    slug: str
    kind: str
    topic: str
    body: dict[str, Any]
    meta: dict[str, Any]
    family: str = ""

    @property
    def uuid(self) -> uuid.UUID:
        return uuid.uuid5(NAMESPACE, self.slug)

    @cached_property
    def content_hash(self) -> str:
        """sha256 over the content in canonical JSON: the same words, key and data give the same hash."""
        content = {"kind": self.kind, "topic": self.topic, "body": self.body, "meta": self.meta}
        text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
        return hashlib.sha256(text.encode()).hexdigest()


META = ("style", "depth", "stage", "difficulty", "audience", "also")


def topics(folder: Path = CONTENT) -> list[ShippedTopic]:
    tracks = json.loads((folder / "taxonomy.json").read_text("utf-8"))["tracks"]
    pairs = [(track, topic) for track in tracks for topic in track["topics"]]
    return [
        ShippedTopic(
            code=topic["code"],
            track=track["code"],
            name_zh=topic["zh-Hans"],
            name_en=topic["en"],
            track_name_zh=track["zh-Hans"],
            track_name_en=track["en"],
            position=position,
            is_thin=topic["thin"],
        )
        for position, (track, topic) in enumerate(pairs)
    ]


def read_files(folder: Path = CONTENT) -> Iterator[tuple[Path, dict[str, Any]]]:
    """(file, parsed content) for each YAML file. Raises Invalid naming the file and line that cannot be read."""
    for path in sorted(folder.glob("*.yaml")):
        try:
            yield path, yaml.load(path.read_text("utf-8"), Loader=_Loader)  # noqa: S506  a SafeLoader
        except yaml.YAMLError as error:
            raise Invalid(f"{path.name} is not valid YAML: {error}. Mend it and run bank_check.") from error


def questions(folder: Path = CONTENT) -> list[ShippedQuestion]:
    """Every question of the files, then every family. Raises Invalid for a file that cannot be read."""
    found = []
    for path, content in read_files(folder):
        for entry in content["questions"]:
            found.append(_from_yaml(content["topic"], entry, path))
    return found + [_from_family(name) for name in FAMILIES]


def _from_yaml(topic: str, entry: dict[str, Any], path: Path) -> ShippedQuestion:
    try:
        meta = {name: entry[name] for name in META if name in entry}
        return ShippedQuestion(slug=entry["id"], kind=entry["kind"], topic=topic, body=entry, meta=meta)
    except KeyError as error:
        raise Invalid(
            f"{path.name}: question {entry.get('id', '?')} lacks {error}. Run bank_check for all faults."
        ) from error


def _from_family(name: str) -> ShippedQuestion:
    """A family's version is told by what it renders: the first renderings stand for its texts and its arithmetic."""
    renderings = [render(FAMILIES[name], seed) for seed in range(FAMILY_PROBES)]
    first = renderings[0]
    topic = FAMILIES[name].topic
    meta = {key: first[key] for key in META if key in first}
    digest = hashlib.sha256(json.dumps(renderings, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    body = {"family": name, "renderings": digest}
    return ShippedQuestion(name, first["kind"], topic, body, meta, family=name)


class _Loader(yaml.CSafeLoader if hasattr(yaml, "CSafeLoader") else yaml.SafeLoader):  # type: ignore[misc]
    """Safe YAML that leaves dates as text, so that content stays plain JSON."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
