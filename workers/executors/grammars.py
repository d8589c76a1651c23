"""A grammar (GBNF) of the answers a kind can take, so that a model states one and nothing else: structured output.

Servers that take one (llama.cpp; vLLM, SGLang and TabbyAPI under other field names) then spend a handful of tokens an
item, and nothing is lost to rambling. It changes what is measured: the answer at once, without room to reason first.
"""

from __future__ import annotations

from collections.abc import Callable

from questions.kinds.base import Presented

_NUMBER = '"-"? [0-9]+ ("." [0-9]+)?'
_MARKS = {"zh-Hans": '"答案："', "en": '"Answer: "'}


def grammar_for(presented: Presented, language: str) -> str:
    """The grammar of one answer line, "" for kinds whose answer has no closed form.

    >>> from questions.kinds.base import Choice
    >>> two = (Choice("A", 0, "yes"), Choice("B", 1, "no"))
    >>> grammar_for(Presented("single_choice", "x", "en", 0, "Well?", two), "en")
    'root ::= "Answer: " [AB]'
    """
    answer = _ANSWERS.get(presented.kind)
    return f"root ::= {_MARKS[language]} {answer(presented)}" if answer else ""


def _letter(presented: Presented) -> str:
    return f"[{''.join(presented.letters)}]"


def _letters(presented: Presented) -> str:
    return f'{_letter(presented)} ("," {_letter(presented)}){{0,{len(presented.letters) - 1}}}'


def _quantity(presented: Presented) -> str:
    return f'{_NUMBER} " {presented.unit}"' if presented.unit else _NUMBER


_ANSWERS: dict[str, Callable[[Presented], str]] = {
    "single_choice": _letter,
    "multiple_choice": _letters,
    "ordering": _letters,
    "numeric": _quantity,
}
