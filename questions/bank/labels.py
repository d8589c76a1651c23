"""The codes of a question in the reader's words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

KIND: dict[str, Promise] = {
    "single_choice": _("single choice"),
    "multiple_choice": _("multiple choice"),
    "numeric": _("number with unit"),
    "short_text": _("short text"),
    "ordering": _("ordering"),
    "long_text": _("free text with rubric"),
    "interview": _("interview thread"),
    "code": _("code"),
}
STYLE: dict[str, Promise] = {
    "fundamentals": _("fundamentals"),
    "thinking": _("thinking"),
    "experience": _("experience"),
    "numeric": _("calculation"),
    "system_design": _("system design"),
    "debugging": _("debugging"),
    "coding": _("coding"),
}
DEPTH: dict[str, Promise] = {
    "recall": _("recall"),
    "explain": _("explain"),
    "compare": _("compare"),
    "derive": _("derive"),
    "diagnose": _("diagnose"),
    "design": _("design"),
}
AUDIENCE: dict[str, Promise] = {
    "campus": _("campus hire"),
    "experienced": _("experienced hire"),
    "career_change": _("career change"),
    "product": _("product"),
}
DIFFICULTY: dict[str, Promise] = {
    "1": _("1 · warm-up"),
    "2": _("2 · junior"),
    "3": _("3 · working engineer"),
    "4": _("4 · senior"),
    "5": _("5 · specialist"),
}
OUTCOME: dict[str, Promise] = {
    "correct": _("correct"),
    "partly": _("partly correct"),
    "wrong": _("wrong"),
    "empty": _("left empty"),
    "invalid": _("no answer found in it"),
    "unscored": _("not scored"),
}
RUNG: dict[str, Promise] = {
    "key": _("answer key"),
    "key_points": _("key points, without a judge"),
    "judge": _("judge"),
    "sandbox": _("sandbox"),
}


def label(labels: dict[str, Promise], code: object) -> str:
    return str(labels.get(str(code), code))
