"""What every exchange format promises: write records and say what was lost; read rows and say what is wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import ClassVar

from questions.exchange.record import ExchangeError, Loss, Record, Row

LANGUAGES = ("zh-Hans", "en")


class Format(ABC):
    """One file format. Stateless: a single instance serves the whole process."""

    name: ClassVar[str]
    suffix: ClassVar[str]
    media_type: ClassVar[str]
    reads: ClassVar[bool] = True

    @abstractmethod
    def write(self, records: Iterable[Record]) -> tuple[bytes, Loss]:
        """The file, and what it could not carry."""

    def read(self, data: bytes) -> Iterator[Row]:
        """Each entry of the file, good or bad. Raises ExchangeError where the file as a whole cannot be read."""
        raise ExchangeError(
            f"{self.name} is written, not read; import jsonl, csv, moodle_xml, gift, qti or markdown."
        )
