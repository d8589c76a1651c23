"""The source `lm_eval`: lm-eval's own benchmarks, and people's definitions in the same words.

An entry of a recipe is one of

    {"benchmark": "gsm8k", "num_fewshot": 5, "limit": 100}                     lm-eval's own: task, group or tag
    {"folder": "ours", "benchmark": "ours_math"}                               YAML files in <data>/benchmarks/ours
    {"configs": [{"task": "capitals", ...}], "data": {"capitals": {"test": [...]}}}    a definition with its rows

with `num_fewshot` (a count of 0 in a definition stands), `limit` (the first documents of each task) and `language`.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

from evalhub.errors import Invalid, Unavailable
from evalhub.suites import benchmark_index
from evalhub.suites.drafts import ItemDraft
from workers.benchmarks import definitions, process
from workers.benchmarks.errors import BenchmarkError, NotInstalled

FIELDS = ("benchmark", "folder", "configs", "data", "num_fewshot", "limit", "language")
MOST_SHOTS = 64
_HAN = re.compile(r"[\u4e00-\u9fff]")
_HAN_SHARE = 0.2


def from_lm_eval(entry: Mapping[str, Any]) -> list[ItemDraft]:
    """The benchmark's documents with their requests, built by lm-eval in a child process (seconds to minutes).

    Raises Invalid for an entry that cannot work, and Unavailable where lm-eval is not installed.
    """
    wanted = wanted_of(entry)
    try:
        built = process.ask("build", {"wanted": [wanted]}, cache=settings.DATA_DIR / "huggingface")[0]
    except NotInstalled as error:
        raise Unavailable(str(error)) from None
    except BenchmarkError as error:
        raise Invalid(str(error), field="recipe") from None
    return _drafts(built["documents"], str(entry.get("language") or ""))


def wanted_of(entry: Mapping[str, Any]) -> dict[str, Any]:
    """The entry as the child wants it: which benchmarks, from which files or definitions. Raises Invalid."""
    if unknown := sorted(set(entry) - set(FIELDS)):
        raise Invalid(
            f"The lm_eval source does not know {', '.join(unknown)}; known are {', '.join(FIELDS)}.",
            field="recipe",
        )
    wanted = {
        "num_fewshot": _count(entry, "num_fewshot", 0, MOST_SHOTS),
        "limit": _count(entry, "limit", 1, 10**7),
    }
    try:
        return wanted | _which(entry)
    except BenchmarkError as error:
        raise Invalid(str(error), field="recipe") from None


def _which(entry: Mapping[str, Any]) -> dict[str, Any]:
    name = entry.get("benchmark")
    if "configs" in entry:
        configs = [dict(config) for config in entry["configs"]]
        for config in configs:
            definitions.check(config)
        return {"names": _tops(configs, name), "configs": configs, "data": entry.get("data") or {}}
    if "folder" in entry:
        home = (settings.DATA_DIR / "benchmarks").resolve()
        folder = (home / str(entry["folder"])).resolve()
        if not folder.is_relative_to(home):
            raise Invalid(f"The folder {entry['folder']!r} is not in {home}; put it there.", field="recipe")
        configs = definitions.read_folder(Path(folder))
        return {"names": _tops(configs, name), "configs": configs}
    if not isinstance(name, str) or not name:
        raise Invalid(
            "An lm_eval source names a 'benchmark', a 'folder' or 'configs'; it has none.", field="recipe"
        )
    return {"names": [name], "paths": benchmark_index.paths_of(name)}


def _tops(configs: Sequence[Mapping[str, Any]], name: Any) -> list[str]:
    """The one that is named; else everything that is no member of a group."""
    names = [config.get("group", config.get("task")) for config in configs]
    if name:
        if name not in names:
            raise BenchmarkError(
                f"There is no {name!r} among the definitions; there are {', '.join(map(str, names))}."
            )
        return [name]
    members = {member for config in configs if "group" in config for member in definitions.members_of(config)}
    return [str(found) for found in names if found not in members]


def _count(entry: Mapping[str, Any], field: str, low: int, high: int) -> int | None:
    value = entry.get(field)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise Invalid(
            f"{field} is {value!r}; give a whole number from {low} to {high}, or leave it out.",
            field="recipe",
        )
    return value


def _drafts(documents: Sequence[Mapping[str, Any]], language: str) -> list[ItemDraft]:
    seen: Counter[str] = Counter()
    return [_draft(document, language, seen) for document in documents]


def _draft(document: Mapping[str, Any], language: str, seen: Counter[str]) -> ItemDraft:
    benchmark = document["benchmark"]
    content = hashlib.sha256(
        orjson.dumps(
            [
                "lm_eval",
                benchmark["names"],
                benchmark["task"],
                document["doc"],
                document["requests"],
                document["copies"],
            ],
            option=orjson.OPT_SORT_KEYS,
        )
    ).hexdigest()
    seen[content] += 1  # a data set may hold one row twice: both count, as they do in lm-eval
    key = hashlib.sha256(f"{content}|{seen[content]}".encode()).hexdigest()[:32]
    choices = document["choices"]
    found = language or _language_of(document["requests"])
    return ItemDraft(
        key=key,
        source="lm_eval",
        kind=document["kind"],
        language=found,
        track="",
        topic="",
        cluster=f"e{key[:16]}",
        chance=1 / choices if choices > 1 else 0.0,
        spec={
            "key": key,
            "language": found,
            "executor": "lm_eval",
            **{name: document[name] for name in ("benchmark", "doc", "target", "requests", "copies")},
        },
    )


def _language_of(requests: Sequence[Mapping[str, Any]]) -> str:
    """zh-Hans where a fifth of the last thousand characters asked are Han, else en; a recipe may say otherwise."""
    first = requests[0]
    text = str(first.get("prompt") or first.get("context") or first.get("text") or "")[-1000:]
    return "zh-Hans" if text and len(_HAN.findall(text)) / len(text) >= _HAN_SHARE else "en"
