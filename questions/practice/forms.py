"""A response from a posted form: every kind comes down to one canonical string (questions/kinds/base.py)."""

from django.http import QueryDict

from questions.kinds.base import Presented


def response_from(presented: Presented, data: QueryDict) -> str:
    """What was chosen or typed, in the kind's canonical form; "" for nothing."""
    if presented.kind == "multiple_choice":
        return ",".join(sorted(letter for letter in data.getlist("response") if letter in presented.letters))
    if presented.kind == "ordering":
        return ",".join(
            data.get(f"place{place}", "") for place in range(1, len(presented.choices) + 1)
        ).strip(",")
    return data.get("response", "").strip()
