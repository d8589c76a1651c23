"""Exchange formats, one a file, behind one interface (`base.Format`). Pure: neither Django nor the network."""

from evalhub.registry import Entry, Registry
from questions.exchange.base import Format

_HERE = "questions.exchange"

FORMATS: Registry[Format] = Registry(
    "exchange format",
    {
        "jsonl": Entry("JSON Lines (lossless)", f"{_HERE}.jsonl.JSONL"),
        "csv": Entry("CSV table", f"{_HERE}.csv.CSV"),
        "moodle_xml": Entry("Moodle XML", f"{_HERE}.moodle_xml.MOODLE_XML"),
        "gift": Entry("GIFT", f"{_HERE}.gift.GIFT"),
        "qti": Entry("QTI 3 package", f"{_HERE}.qti.QTI"),
        "markdown": Entry("Markdown", f"{_HERE}.markdown.MARKDOWN"),
        "anki": Entry("Anki deck (.apkg)", f"{_HERE}.anki.ANKI"),
    },
)
