"""Labels of the registries in the reader's language. The registries are pure and speak English; this is their dictionary.

`tests/web/test_translations.py` fails for a label that is not written here, and for one without its Chinese.
"""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_noop as noop

LABELS = (
    # questions.kinds
    noop("Single choice"),
    noop("Multiple choice"),
    noop("Number with unit"),
    noop("Short text"),
    noop("Ordering"),
    noop("Long text with rubric"),
    noop("Interview thread"),
    noop("Code with tests"),
    # workers.executors
    noop("Generated answer"),
    noop("Letter probabilities"),
    noop("lm-eval benchmark"),
    # workers.providers
    noop("OpenAI-compatible chat"),
    noop("OpenAI-compatible completions"),
    noop("llama.cpp server"),
    noop("Mock (in this process, no network)"),
    # roles (evalhub.accounts.models.ROLES)
    noop("candidate"),
    noop("author"),
    noop("reviewer"),
    noop("evaluator"),
    noop("admin"),
    # why a run was paused or ended (Run.reason)
    noop("by_hand"),
)


def words(label: object) -> str:
    """A label in the reader's language; one that is not in the dictionary is shown as it is."""
    return gettext(str(label))


def lazy_choices(choices: Iterable[tuple[str, str]]) -> list[tuple[str, Promise]]:
    """Choices of a registry for a form: their labels are translated when they are shown."""
    return [(name, gettext_lazy(label)) for name, label in choices]
