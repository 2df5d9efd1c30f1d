"""Metadata from keys and values that a corpus or an author wrote: each is used if it is of its type."""

import re
from collections.abc import Mapping

from assistant.text import clean
from assistant.types import Metadata, Origin

DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
PMCID = re.compile(r"(?:PMC)?(\d{1,10})", re.IGNORECASE)
MAX_LENGTH = 2000  # characters of one value
MAX_VALUES = 1000  # of a list


def metadata(fields: Mapping[str, object], title: str, origin: Origin) -> Metadata:
    """The known fields of a source; a value of another type or form is as good as none."""
    return Metadata(
        title=title,
        origin=origin,
        pmid=_matched(fields, "pmid", re.compile(r"(\d{1,9})")),
        doi=_matched(fields, "doi", DOI),
        pmcid=f"PMC{number}" if (number := _matched(fields, "pmcid", PMCID)) else None,
        journal=_text(fields, "journal"),
        year=_year(fields),
        authors=_texts(fields, "authors") or _texts(fields, "author"),
        publication_types=_texts(fields, "publication_types"),
        mesh=_texts(fields, "mesh"),
        language=_text(fields, "language"),
        url=_matched(fields, "url", re.compile(r"(https?://\S+)", re.IGNORECASE)),
        retracted=_flag(fields, "retracted"),
        synthetic=_flag(fields, "synthetic"),
    )


def one_line(text: str) -> str:
    return " ".join(clean(text).split())


def _text(fields: Mapping[str, object], key: str) -> str | None:
    value = fields.get(key)
    return one_line(value)[:MAX_LENGTH] or None if isinstance(value, str) else None


def _texts(fields: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = fields.get(key)
    if isinstance(value, str):
        value = value.split(";")
    if not isinstance(value, list | tuple):
        return ()
    texts = (one_line(v)[:MAX_LENGTH] for v in value[:MAX_VALUES] if isinstance(v, str))
    return tuple(t for t in texts if t)


def _matched(fields: Mapping[str, object], key: str, form: re.Pattern[str]) -> str | None:
    value = fields.get(key)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**12 else None
    if not isinstance(value, str):
        return None
    found = form.fullmatch(one_line(value)) if len(value) <= MAX_LENGTH else None
    return found[1] if found else None


def _year(fields: Mapping[str, object]) -> int | None:
    year = _matched(fields, "year", re.compile(r"([12]\d{3})"))
    return int(year) if year else None


def _flag(fields: Mapping[str, object], key: str) -> bool:
    value = fields.get(key)
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")
