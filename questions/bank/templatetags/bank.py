"""Codes of questions in words: `{{ version.kind|kind_label }}`."""

from django import template

from questions.bank import labels

register = template.Library()


@register.filter
def kind_label(code: str) -> str:
    return labels.label(labels.KIND, code)


@register.filter
def style_label(code: str) -> str:
    return labels.label(labels.STYLE, code)


@register.filter
def depth_label(code: str) -> str:
    return labels.label(labels.DEPTH, code)


@register.filter
def audience_label(code: str) -> str:
    return labels.label(labels.AUDIENCE, code)


@register.filter
def difficulty_label(code: int) -> str:
    return labels.label(labels.DIFFICULTY, code)


@register.filter
def outcome_label(code: str) -> str:
    return labels.label(labels.OUTCOME, code)


@register.filter
def rung_label(code: str) -> str:
    return labels.label(labels.RUNG, code)


@register.filter
def outcome_tone(code: str) -> str:
    return {"correct": "good", "partly": "warn", "unscored": ""}.get(code, "bad")
