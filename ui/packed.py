"""A whole answer as text, and back: what is kept of it, and what a page hands over for an export."""

import base64
import binascii
import zlib
from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

from assistant.errors import FormatError, InputError
from assistant.types import Answer

if TYPE_CHECKING:
    from pydantic import TypeAdapter

VERSION = 1  # of the JSON; later fields have defaults, so that an old answer can still be read
LARGEST = 4 << 20  # bytes of JSON that `unpacked` reads: a page's word is not trusted


@cache
def _adapter() -> "TypeAdapter[Answer]":
    from pydantic import TypeAdapter

    return TypeAdapter(Answer)


def dumps(answer: Answer) -> str:
    """JSON with every field, passages included. Raises InputError where the words are no Unicode text."""
    try:
        return _adapter().dump_json(answer).decode()
    except ValueError:
        raise InputError("the answer holds half a character, so it cannot be written; ask again") from None


def loads(text: str | bytes) -> Answer:
    """Raises FormatError where it is not what `dumps` writes; its message holds nothing of the text."""
    try:
        return _adapter().validate_json(text)
    except ValueError:
        raise FormatError("this is not an answer that was kept, or it is damaged; ask again") from None


def packed(answer: Answer) -> str:
    """Compressed, in base64, without the places of files on this machine."""
    evidence = []
    for item in answer.evidence:
        origin = replace(item.hit.metadata.origin, path="")
        hit = replace(item.hit, metadata=replace(item.hit.metadata, origin=origin))
        evidence.append(replace(item, hit=hit))
    whole = dumps(replace(answer, evidence=tuple(evidence))).encode()
    return base64.b64encode(zlib.compress(whole)).decode()


def unpacked(text: str) -> Answer:
    """Raises FormatError, also where it would grow beyond LARGEST."""
    unzip = zlib.decompressobj()
    try:
        whole = unzip.decompress(base64.b64decode(text, validate=True), LARGEST)
    except (ValueError, binascii.Error, zlib.error):
        raise FormatError("this is not an answer of this page; load the page again") from None
    if unzip.unconsumed_tail:
        raise FormatError(f"the answer has more than {LARGEST:,} bytes; export a shorter one")
    return loads(whole)
