"""The catalogue of messages: found in code and templates with Babel, kept as .po and .mo with polib. No gettext tools needed.

A developer's tool: Babel and polib are in requirements/dev.in, and only the i18n command and its test import this module.
"""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import polib  # type: ignore[import-untyped]
from babel.messages.extract import extract
from django.utils.translation.template import templatize

PROJECT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("evalhub", "questions", "workers")
LOCALE = PROJECT / "evalhub" / "locale" / "zh_Hans" / "LC_MESSAGES"
PO, MO = LOCALE / "django.po", LOCALE / "django.mo"

KEYWORDS: dict[str, tuple[int | tuple[int, str], ...] | None] = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
}
METADATA = {
    "Project-Id-Version": "EvalHub",
    "Language": "zh_Hans",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "8bit",
    "Plural-Forms": "nplurals=1; plural=0;",
}


@dataclass(frozen=True, slots=True, order=True)
class Message:
    """One thing to translate; `plural` and `context` are empty where there is none."""

    text: str
    plural: str = ""
    context: str = ""


def found_messages() -> dict[Message, list[str]]:
    """Every message of our code and templates -> the files it is in."""
    found: dict[Message, list[str]] = {}
    for path in _sources():
        name = path.relative_to(PROJECT).as_posix()
        for message in _messages_in(path):
            files = found.setdefault(message, [])
            if name not in files:
                files.append(name)
    return found


def update() -> list[Message]:
    """Bring the .po to what the code says and write the .mo; returns what has no translation yet."""
    old = {_message(entry): entry for entry in polib.pofile(str(PO))} if PO.exists() else {}
    catalogue = polib.POFile(wrapwidth=100)
    catalogue.metadata = METADATA
    for message, files in sorted(found_messages().items()):
        catalogue.append(_entry(message, files, old.get(message)))
    catalogue.save(str(PO))
    catalogue.save_as_mofile(str(MO))
    return [_message(entry) for entry in catalogue if not entry.translated()]


def _sources() -> Iterator[Path]:
    for room in ROOMS:
        for path in sorted((PROJECT / room).rglob("*")):
            if path.suffix in (".py", ".html") and "migrations" not in path.parts:
                yield path


def _messages_in(path: Path) -> Iterator[Message]:
    text = path.read_text(encoding="utf-8")
    source = templatize(text, origin=str(path)) if path.suffix == ".html" else text
    for _line, message, _comments, context in extract(
        "python", io.BytesIO(source.encode()), keywords=KEYWORDS
    ):
        one, plural = (message[0], message[1]) if isinstance(message, tuple) else (message, "")
        yield Message(one, plural, context or "")


def _entry(message: Message, files: list[str], old: polib.POEntry | None) -> polib.POEntry:
    entry = polib.POEntry(msgid=message.text, occurrences=[(name, "") for name in files])
    entry.msgctxt = message.context or None
    if "%(" in message.text:
        entry.flags = ["python-format"]
    if message.plural:
        entry.msgid_plural = message.plural
        entry.msgstr_plural = dict(old.msgstr_plural) if old else {0: ""}
    else:
        entry.msgstr = old.msgstr if old else ""
    return entry


def _message(entry: polib.POEntry) -> Message:
    return Message(entry.msgid, entry.msgid_plural or "", entry.msgctxt or "")
