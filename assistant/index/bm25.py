"""BM25 as a sparse vector: a tokeniser for biomedical English, and the weights of its terms.

Robertson & Zaragoza (2009). The idf, ln(1 + (N - n + .5) / (n + .5)), is the store's part (Qdrant's IDF
modifier); here are the saturated term frequency of a document and the term count of a question. The
score of a document is then sum over terms of idf * qtf * tf (k1 + 1) / (tf + k1 (1 - b + b len / avglen)).
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

TOKENISER = "biomedical/1"

_GREEK = {
    ord(letter): f"-{name}-"
    for letter, name in zip(
        "αβγδεζηθικλμνξοπρσςτυφχψω",
        "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau "
        "upsilon phi chi psi omega".split(),
        strict=True,
    )
}
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_MARKS = re.compile("[\u0300-\u036f]")
_ABBREVIATION_NUMBER = re.compile(r"\b([A-Z]{2,5}) (\d{1,2})\b(?![.,%]\d)")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_COMPOUND = re.compile(
    r"\d*\.\d+"
    r"|[a-z0-9]+(?:[-*:'’]+[a-z0-9]+|\([a-z0-9]{1,4}[+-]?\)|[-+]?\(\+\))*[a-z0-9]*\+?"
    r"|[^\W_a-z0-9]+"
)
_PART = re.compile(r"[^\W_]+")
_GREEK_NAME = re.compile(r"(?<=[a-z0-9])(alpha|beta|gamma|kappa)|(alpha|beta|gamma|kappa)(?=[a-z0-9])")
_STOP = frozenset(
    "a about after also an and any are as at be been being between both but by can could did do does doing during each "
    "etc for from had has have having he her his how if in into is it its itself many may might more most much must of "
    "on or other our out over own please she should since so some such than that the their them then there these they "
    "this those through to under until up upon very was we were what when where which while who whom whose why will "
    "with within without would you your s t".split()
)


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids (u32, ascending, each once) and their weights."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


def tokenise(text: str) -> list[str]:
    """The terms of a text in order, repeated as often as they occur; never empty strings.

    Case, diacritics and Greek letters are folded, and a compound gives its parts and its joined form, so
    that "IL-6", "IL6" and "il 6" meet, and "beta-blocker", "β blocker" and "betablocker".
    """
    text = _ABBREVIATION_NUMBER.sub(r"\1-\2", text)
    text = text.casefold()
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text)).translate(_HYPHENS).translate(_GREEK)
    return [term for raw in _COMPOUND.findall(_THOUSANDS.sub("", text)) for term in _terms(raw)]


@lru_cache(maxsize=1 << 17)
def _terms(raw: str) -> tuple[str, ...]:
    """What one compound of the text is indexed as."""
    if raw[0] == "." or raw.replace(".", "").isdigit():
        return (raw.removeprefix("."),)
    parts = _PART.findall(_GREEK_NAME.sub(r"-\1\2-", raw.removesuffix("'s").removesuffix("’s")))
    terms = [_stem(part) for part in parts if part not in _STOP]
    if len(parts) > 1 and not all(part.isdigit() for part in parts):
        terms.append(_stem("".join(parts)))
    if raw.endswith(("+", "+)")):
        terms.append("".join(parts) + "+")
    return tuple(terms)


def _stem(word: str) -> str:
    """British spelling made American, then the plural taken off (Harman's S-stemmer, 1991)."""
    if len(word) > 4:
        word = word.replace("ae", "e").replace("oe", "e").replace("sulph", "sulf")
        word = re.sub(r"our(?=s?$|al|ed|ing)", "or", word)
        word = re.sub(r"(?<=..[iy])s(?=(?:e[drs]?|es|ing|ation|ations)$)", "z", word)
        word = re.sub(r"(?<=[tb])re(?=s?$)", "er", word)
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and not word.endswith(("eies", "aies")):
        return word[:-3] + "y"
    return word[:-1]


@lru_cache(maxsize=1 << 17)
def term_id(term: str) -> int:
    """A stable u32. Among n terms about n² / 2³³ pairs share one (58 at a million): they count as one term."""
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest(), "big")


def document_weights(
    tokens: Sequence[str], average_length: float, k1: float = 1.2, b: float = 0.75
) -> SparseVector:
    """tf (k1 + 1) / (tf + k1 (1 - b + b len / average_length)) of each term, without idf; lengths in tokens."""
    norm = k1 * (1 - b + b * len(tokens) / average_length) if tokens else 0.0
    return _vector({i: tf * (k1 + 1) / (tf + norm) for i, tf in _count(tokens).items()})


def query_weights(tokens: Iterable[str]) -> SparseVector:
    """The number of times each term occurs."""
    return _vector(_count(tokens))


def _count(tokens: Iterable[str]) -> Counter[int]:
    return Counter(map(term_id, tokens))


def _vector(weights: dict[int, float] | Counter[int]) -> SparseVector:
    ids = sorted(weights)
    return SparseVector(tuple(ids), tuple(float(weights[i]) for i in ids))
