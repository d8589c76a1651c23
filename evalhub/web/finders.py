"""Serves plotly's own script, as its package ships it, from /static/: one file, under a name with its version."""

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import plotly
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

PLOTLY = f"vendor/plotly-{plotly.__version__}.min.js"
_FOLDER = Path(plotly.__file__).parent / "package_data"


@cache
def inline_style_ids() -> tuple[str, ...]:
    """Ids of the <style> elements that the script adds unless one with that id is there (for maps, which we do not draw).

    A strict CSP blocks them and the browser complains; with a placeholder of that id in the page they are not tried.
    """
    script = (_FOLDER / "plotly.min.js").read_text(encoding="utf-8")
    return tuple(dict.fromkeys(re.findall(r'getElementById\("([0-9a-f]{64})"\)', script)))


class PlotlyStorage(FileSystemStorage):
    """The package's data folder, in which the script is called by our name for it."""

    def path(self, name: str) -> str:
        return str(_FOLDER / "plotly.min.js") if name == PLOTLY else super().path(name)


class PlotlyFinder(BaseFinder):
    """A finder that knows exactly one file, so that nothing else of the package is served."""

    def check(self, **kwargs: Any) -> list[Any]:
        return []

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        found = str(_FOLDER / "plotly.min.js") if path == PLOTLY else ""
        if find_all:
            return [found] if found else []
        return found or []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[tuple[str, FileSystemStorage]]:
        yield PLOTLY, PlotlyStorage(location=str(_FOLDER))
