"""Types of question, one a file, behind one interface (`base.Kind`)."""

from evalhub.registry import Entry, Registry
from questions.kinds.base import Kind

KINDS: Registry[Kind] = Registry(
    "kind",
    {
        "single_choice": Entry("Single choice", "questions.kinds.single_choice.SINGLE_CHOICE"),
        "multiple_choice": Entry("Multiple choice", "questions.kinds.multiple_choice.MULTIPLE_CHOICE"),
        "numeric": Entry("Number with unit", "questions.kinds.numeric.NUMERIC"),
        "short_text": Entry("Short text", "questions.kinds.short_text.SHORT_TEXT"),
        "ordering": Entry("Ordering", "questions.kinds.ordering.ORDERING"),
        "long_text": Entry("Long text with rubric", "questions.kinds.long_text.LONG_TEXT"),
        "interview": Entry("Interview thread", "questions.kinds.interview.INTERVIEW"),
        "code": Entry("Code with tests", "questions.kinds.code.CODE"),
    },
)
