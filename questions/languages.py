"""Content languages (BCP 47, as in the files) and the interface's (Django's lower case)."""

from django.utils.translation import get_language

CONTENT_LANGUAGES = ("zh-Hans", "en")


def content_language() -> str:
    """The content language that fits the interface a person reads now."""
    return "zh-Hans" if (get_language() or "").startswith("zh") else "en"


def chosen_language(wanted: str | None) -> str:
    """`wanted` where it is a content language, else the interface's."""
    return wanted if wanted in CONTENT_LANGUAGES else content_language()
