"""BM25 as a sparse vector: a tokeniser for biomedical English, and the weights of its terms.

Robertson & Zaragoza, The Probabilistic Relevance Framework, 2009. The score of a document is the sum over
the question's terms of idf * qtf * tf (k1 + 1) / (tf + k1 (1 - b + b len / avglen)). The store multiplies by
idf = ln(1 + (N - n + .5) / (n + .5)), Qdrant's IDF modifier; the rest is made here.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b

from assistant.index.stem import american, stem

TOKENISER = "biomedical-porter/1"

_GREEK_NAMES = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau
    upsilon phi chi psi omega
"""
_GREEK = {ord("α") + i: f"-{name}-" for i, name in enumerate(_GREEK_NAMES.split())}
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_TRADE_MARKS = {ord("™"): " ", ord("℠"): " "}  # or NFKD glues "tm" to the name
_MARKS = re.compile("[\u0300-\u036f]")
_MICROGRAM = re.compile(r"(?<![^\W\d_])[uµμ]g\b")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}\b)")
_COMPOUND = re.compile(
    r"\d{1,64}\.\d{1,64}|(?<![^\W_])\.\d{1,64}"  # 1.5, .03
    r"|[a-z0-9]{1,64}(?:[-*:'’]{1,3}[a-z0-9]{1,64}|\([a-z0-9]{1,4}[-+]?\)[a-z0-9]*){0,9}(?:\+|\(\+\))?"
    r"|[^\W_a-z0-9]{1,64}"  # other scripts
)
_GREEK_INSIDE = re.compile(
    r"(?<=[a-z0-9])(alpha|beta|gamma|delta|kappa|omega)|(alpha|beta|gamma|delta|kappa|omega)(?=[a-z0-9])"
)
_PART = re.compile(r"[^\W_]+")
_ATOM = re.compile(r"[^\W\d_]+|\d+")
_STOP_WORDS = """
    a about after also am an and any are as at be been being between both but by can could did do does doing
    during each etc for from had has have having he her his how i if in into is it its itself many may me
    might more most much must my of on or other our out over own please s she should since so some such t than
    that the their them then there these they this those through to under until up upon us very was we were
    what when where which while who whom whose why will with within without would you your
"""
_STOP = frozenset(_STOP_WORDS.split())


@dataclass(frozen=True, slots=True)
class SparseVector:
    """Term ids (u32, ascending, each once) and their weights (positive)."""

    indices: tuple[int, ...]
    values: tuple[float, ...]


def tokenise(text: str) -> list[str]:
    """The terms of a text in order, as often as they occur, stop words left out.

    Case, diacritics, Greek letters, British spelling and inflections are folded. A compound gives its runs of
    letters and of digits and its joined form: "IL-6" and "IL6" are il, 6, il6; "IL 6" is il, 6. So
    "β-blockers", "beta blocker" and "betablocker" meet, and the joined form ranks the exact name first.
    """
    return [term for compound in _COMPOUND.findall(_fold(text)) for term in _terms(compound)]


def _fold(text: str) -> str:
    if not text.isascii():
        text = _MICROGRAM.sub("mcg", text.translate(_TRADE_MARKS))
        text = _MARKS.sub("", unicodedata.normalize("NFKD", text)).translate(_HYPHENS)
    text = text.casefold()
    return _THOUSANDS.sub("", text if text.isascii() else text.translate(_GREEK))


@lru_cache(maxsize=1 << 16)
def _terms(compound: str) -> tuple[str, ...]:
    if "." in compound:
        return (f"0{compound}" if compound.startswith(".") else compound,)
    parts = _PART.findall(_GREEK_INSIDE.sub(r"-\1\2-", re.sub("['’]s$", "", compound)))
    terms: list[str] = []
    for part in parts:
        atoms = _ATOM.findall(part)
        terms += [stem(american(atom)) for atom in atoms if atom not in _STOP]
        if len(atoms) > 1:
            terms.append(part)
    if len(parts) > 1 and not all(part.isdigit() for part in parts):
        terms.append(stem(american("".join(parts))))
    if compound.endswith(("+", "+)")):
        terms.append("".join(parts) + "+")  # CD4+, Ca(2+)
    return tuple(terms)


@lru_cache(maxsize=1 << 16)
def term_id(term: str) -> int:
    """A stable u32 (BLAKE2b). Terms that collide count as one: about n² / 2³³ pairs of n terms."""
    return int.from_bytes(blake2b(term.encode(), digest_size=4).digest(), "big")


def document_weights(
    tokens: Sequence[str], average_length: float, k1: float = 1.2, b: float = 0.5
) -> SparseVector:
    """tf (k1 + 1) / (tf + k1 (1 - b + b len / average_length)) of each term, without idf.

    Lengths count the terms of `tokenise`; `average_length` is above 0. The defaults were chosen on BioASQ
    7b to 9b and hold on full abstracts and on answers to consumers.
    """
    norm = k1 * (1 - b + b * len(tokens) / average_length)
    return _vector({term: tf * (k1 + 1) / (tf + norm) for term, tf in _counts(tokens).items()})


def query_weights(tokens: Iterable[str]) -> SparseVector:
    """How often each term occurs."""
    return _vector(_counts(tokens))


def _counts(tokens: Iterable[str]) -> Counter[int]:
    return Counter(map(term_id, tokens))


def _vector(weights: Mapping[int, float]) -> SparseVector:
    ordered = sorted(weights.items())
    return SparseVector(tuple(i for i, _ in ordered), tuple(float(weight) for _, weight in ordered))
