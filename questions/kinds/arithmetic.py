"""Recomputing a numeric key: plain arithmetic, read as a syntax tree and never executed as code."""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable

from questions.kinds.base import KindError

_OPERATORS: dict[type[ast.operator] | type[ast.unaryop], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}
_FUNCTIONS: dict[str, Callable[..., float]] = {
    "min": min,
    "max": max,
    "sqrt": math.sqrt,
    "log": math.log,
    "log2": math.log2,
    "log10": math.log10,
    "exp": math.exp,
    "ceil": math.ceil,
    "floor": math.floor,
    "comb": lambda n, k: float(math.comb(_small(n), _small(k))),
}
_LONGEST = 500
_GREATEST_POWER = 1000.0
_GREATEST_CHOICE = 10_000


def evaluate(expression: str) -> float:
    """The value of an expression of numbers, + - * / ** ( ) and the functions above.

    Raises KindError for anything else, for a result that is no finite number, and for powers above 1000.
    """
    if len(expression) > _LONGEST:
        raise KindError(f"the expression has {len(expression)} signs; keep it under {_LONGEST}")
    try:
        value = float(_value(ast.parse(expression.strip(), mode="eval").body))
    except (SyntaxError, ValueError, TypeError, ZeroDivisionError, OverflowError, RecursionError) as error:
        raise KindError(f"cannot compute {expression!r}: {error}") from error
    if not math.isfinite(value):
        raise KindError(f"{expression!r} gives {value}, no finite number")
    return value


def _small(value: float) -> int:
    if value != int(value) or not 0 <= value <= _GREATEST_CHOICE:
        raise ValueError(f"comb takes whole numbers from 0 to {_GREATEST_CHOICE}, not {value:g}")
    return int(value)


def _value(node: ast.expr) -> float:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        return float(node.value)  # type: ignore[arg-type]  # narrowed by the line above
    if isinstance(node, ast.UnaryOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.operand))
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        left, right = _value(node.left), _value(node.right)
        if isinstance(node.op, ast.Pow) and abs(right) > _GREATEST_POWER:
            raise ValueError(f"the power {right} is above {_GREATEST_POWER:g}")
        return _OPERATORS[type(node.op)](left, right)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not node.keywords:
        if node.func.id not in _FUNCTIONS:
            raise ValueError(f"{node.func.id} is no function here; use one of {', '.join(_FUNCTIONS)}")
        return _FUNCTIONS[node.func.id](*(_value(argument) for argument in node.args))
    raise ValueError(f"{ast.unparse(node)!r} is not plain arithmetic")
