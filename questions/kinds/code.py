"""A function to be written, with tests. Running it needs the sandbox queue, which is off by default."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from typing import Any

from questions.kinds.base import Body, Evidence, Extracted, Grade, Kind, Presented, Problem
from questions.kinds.fields import common_problems, items, pair_problems, problem_if, unknown_fields
from questions.kinds.texts import by_language, in_language

_FENCED = re.compile(r"```(?:python|py)?[ \t]*\n(.*?)(?:\n```|\Z)", re.DOTALL | re.IGNORECASE)


class Code(Kind):
    """Body: `code: {entry, starter, tests: [{call, expect}]}`; key: `{"entry", "tests"}`.

    Nothing is ever run here: `grade` answers `unscored` and says that the sandbox must do it.
    """

    name = "code"
    rung = "sandbox"

    def validate(self, body: Body) -> list[Problem]:
        return [
            *common_problems(body, ("code",)),
            *pair_problems(body.get("stem"), "stem"),
            *_code_problems(body.get("code")),
        ]

    def present(self, body: Body, *, language: str, seed: int) -> Presented:
        code = body["code"]
        return Presented(
            kind=self.name,
            question_id=body["id"],
            language=language,
            seed=seed,
            stem=in_language(body.get("stem"), language, "stem"),
            extra={"starter": code.get("starter", ""), "entry": code["entry"]},
            key={"entry": code["entry"], "tests": list(code["tests"])},
        )

    def prompt(self, presented: Presented, *, language: str) -> str:
        how = by_language(
            language,
            zh="用 Python 写出函数 {entry},只用标准库。最后只给出一个 ```python 代码块。",
            en="Write the Python function {entry}, standard library only. End with one ```python block.",
        ).format(entry=presented.extra["entry"])
        starter = presented.extra["starter"]
        block = f"\n\n```python\n{starter.rstrip()}\n```" if starter else ""
        return f"{presented.stem}{block}\n\n{how}"

    def extract(self, presented: Presented, text: str, *, language: str) -> Extracted | None:
        blocks = list(_FENCED.finditer(text))
        for block in reversed(blocks):
            if _defines(block.group(1), presented.extra["entry"]):
                return Extracted(block.group(1), "fenced", block.span(1))
        if not blocks and _defines(text, presented.extra["entry"]):
            return Extracted(text, "whole", (0, len(text)))
        return None

    def grade(self, presented: Presented, response: str, *, language: str) -> Grade:
        if not response.strip():
            return self.unanswered(presented, "empty")
        if not _defines(response, presented.extra["entry"]):
            return self.unanswered(presented, "invalid")
        note = by_language(
            language,
            zh="代码只在沙箱队列里运行和评分;该队列默认关闭,请由管理员启用",
            en="code is run and graded by the sandbox queue only; it is off by default, ask an administrator",
        )
        found = Extracted(response, "direct", (0, len(response)))
        return Grade(None, 1.0, "unscored", self.rung, (Evidence("tests", "not_met", 0.0, note=note),), found)


def _defines(source: str, entry: str) -> bool:
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return any(isinstance(node, ast.FunctionDef) and node.name == entry for node in tree.body)


def _code_problems(code: Any) -> list[Problem]:
    if not isinstance(code, Mapping):
        return [Problem("code", f"is {code!r}; write {{entry: ..., starter: ..., tests: [...]}}")]
    entry, starter = code.get("entry"), code.get("starter", "")
    found = unknown_fields(code, ("entry", "starter", "tests"), "code")
    named = isinstance(entry, str) and entry.isidentifier()
    found += problem_if(not named, "code.entry", f"is {entry!r}; name the function to write")
    given = not starter or (isinstance(starter, str) and _defines(starter, str(entry)))
    found += problem_if(not given, "code.starter", f"must be Python that defines {entry}")
    tests, wrong = items(code.get("tests"), "code.tests", 2, 50)
    for index, test in enumerate(tests):
        wrong += _test_problems(test, f"code.tests[{index}]", str(entry))
    return found + wrong


def _test_problems(test: Any, path: str, entry: str) -> list[Problem]:
    if not isinstance(test, Mapping) or "expect" not in test:
        return [Problem(path, f"is {test!r}; write {{call: {entry}(...), expect: ...}}")]
    call = test.get("call")
    try:
        tree = ast.parse(str(call), mode="eval").body
    except SyntaxError:
        tree = None
    fits = isinstance(tree, ast.Call) and isinstance(tree.func, ast.Name) and tree.func.id == entry
    return [
        *unknown_fields(test, ("call", "expect"), path),
        *problem_if(not fits, f"{path}.call", f"is {call!r}; write a call of {entry}(...)"),
    ]


CODE = Code()
