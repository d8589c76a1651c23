"""What benchmarks there are: lm-eval's tasks, groups and tags, searched without lm-eval and without network.

The index is shipped (`benchmarks.json.gz`, made by `manage.py benchmarks_index`); one that was built here for another release
of lm-eval stands in the data folder and goes before it.
"""

import gzip
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import orjson
from django.conf import settings

from evalhub.errors import Invalid
from workers.benchmarks import process

SHIPPED = Path(__file__).parent / "benchmarks.json.gz"
KINDS = ("task", "group", "tag", "python")


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A row of the index; see workers.benchmarks.indexing. `members` are a group's or a tag's."""

    name: str
    kind: str
    path: str = ""
    output_type: str = ""
    data: str = ""
    shots: int | None = None
    metrics: tuple[str, ...] = ()
    filters: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    needs: str = ""

    @property
    def can_be_added(self) -> bool:
        """Code, pictures and sound are not offered (workers.benchmarks.building says why)."""
        return not self.needs


@dataclass(frozen=True, slots=True)
class Index:
    version: str
    rows: dict[str, Benchmark]


def index() -> Index:
    """The index in use; read once a process and file."""
    built = _built()
    path = built if built.exists() else SHIPPED
    return _read(path, path.stat().st_mtime_ns)


def search(text: str = "", *, kind: str = "", output_type: str = "") -> list[Benchmark]:
    """Benchmarks whose name or data set holds all the words, best names first: equal, then beginning, then the shortest."""
    words = text.lower().split()
    found = [
        row
        for row in index().rows.values()
        if (not kind or row.kind == kind)
        and (not output_type or row.output_type == output_type)
        and all(word in f"{row.name} {row.data}".lower() for word in words)
    ]
    first = words[0] if words else ""
    return sorted(
        found,
        key=lambda row: (
            row.name.lower() != first,
            not row.name.lower().startswith(first),
            len(row.name),
            row.name,
        ),
    )


def paths_of(name: str) -> list[str]:
    """The files that define a benchmark and all its members. Raises Invalid for one that is not in the index."""
    rows = index().rows
    if name not in rows:
        nearest = [row.name for row in search(name)[:3]]
        cure = f"Did you mean {', '.join(nearest)}?" if nearest else "Look it up among the benchmarks."
        raise Invalid(f"lm-eval has no benchmark {name!r}. {cure}", field="recipe")
    return sorted({rows[each].path for each in _closure(name, rows) if rows[each].path})


def build() -> Index:
    """Make the index of the installed lm-eval (about 20 s) and keep it in the data folder. Raises BenchmarkError."""
    made = process.ask("index", {})
    write(_built(), made)
    return index()


def write(path: Path, made: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(orjson.dumps(made), 9, mtime=0))


def _closure(name: str, rows: dict[str, Benchmark]) -> Iterable[str]:
    seen, todo = set(), [name]
    while todo:
        each = todo.pop()
        if each in rows and each not in seen:
            seen.add(each)
            todo += rows[each].members
    return seen


def _built() -> Path:
    return Path(settings.DATA_DIR) / "benchmarks.json.gz"


@lru_cache(maxsize=2)
def _read(path: Path, changed: int) -> Index:
    made = orjson.loads(gzip.decompress(path.read_bytes()))
    return Index(made["version"], {row["name"]: _row(row) for row in made["rows"]})


def _row(row: dict[str, object]) -> Benchmark:
    lists: Sequence[str] = ("metrics", "filters", "members")
    return Benchmark(**{name: tuple(value) if name in lists else value for name, value in row.items()})  # type: ignore[arg-type]
