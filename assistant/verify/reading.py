"""Text as verification reads it: folded, cut into sentences, each token with stem and polarity."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

from assistant.index.stem import american, stem
from assistant.verify import lexicon, medicines
from assistant.verify.quantities import Quantity, quantities

WINDOW = 8  # content words to either side that make a token's neighbourhood
SCOPE = 5  # content words that a negation reaches, up to the next clause

_GREEK_NAMES = """
    alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma sigma tau
    upsilon phi chi psi omega
""".split()  # noqa: SIM905
_SIGNS = {ord("α") + i: name for i, name in enumerate(_GREEK_NAMES)}
_SIGNS |= {ord("Α") + i: name for i, name in enumerate(_GREEK_NAMES) if i != 17}
_SIGNS |= dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-") | dict.fromkeys(map(ord, "“”„‟″«»"), '"')
_SIGNS |= dict.fromkeys(map(ord, "‘’‛′`"), "'") | dict.fromkeys(
    map(ord, "\u00a0\u2009\u202f\u2007\u2002\u2003"), " "
)
_SIGNS |= {ord("×"): "x", ord("⋅"): ".", ord("≤"): "<=", ord("≥"): ">=", ord("⩽"): "<=", ord("⩾"): ">="}
_SUPER = re.compile("(?<=10)([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_MICRO = re.compile(r"[µμ](?=(?:g|l|L|m|M|mol)\b)")
_POINT = re.compile(r"(?<=\d)[·∙•](?=\d)")
_MARKER = re.compile(r"\s?\[\d{1,3}(?:\s?[,;-]\s?\d{1,3})*\]")
_BOUNDARY = re.compile(r"""(?<=[.!?])["')\]]*\s+(?=["'(\[]?[A-Z0-9])|\s*\n\s*|(?<=;)\s+""")
_ABBREVIATED = re.compile(
    r"(?:\b(?:vs|e\.g|i\.e|approx|fig|ca|dr|no|al|resp|cf|spp?)\.|\b[A-Z]\.)$", re.IGNORECASE
)
_TOKEN = re.compile(r"n't\b|[^\W\d_](?:[^\W_]|'(?=[^\W\d_]))*\d*\+?|\d+[^\W_]*|[,;:()]")
_NAME = re.compile(r"[^\W_]+(?:[-/.*'][^\W_]+)*\+?")
_SYMBOL = re.compile(r"(?=\w*[A-Z])(?:\w*[A-Z]\w*[A-Z]\w*|(?=\w*\d)[A-Za-z]\w*)$")
_NOT_ONLY = re.compile(r"\bnot (?:only|just|merely|solely)\b", re.IGNORECASE)
_CLAUSE = frozenset((",", ";", ":", "but", "however", "although", "whereas", "while", "though"))
_DRUG = re.compile(rf"[a-z]{{3,}}(?:{'|'.join(medicines.DRUG_ENDINGS)})s?")


@lru_cache(maxsize=1 << 15)
def concept(word: str) -> str:
    """The stem of a lower-case word."""
    return stem(american(word))


_GRADED = frozenset(("more", "most", "less", "least"))
_SAME = {concept(word): concept(line[0]) for line in lexicon.SYNONYMS for word in line}
_GENERIC = frozenset(concept(word) for word in lexicon.GENERIC)


def _signs() -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for axis, pair in lexicon.AXES.items():
        for sign, words in zip((1, -1), pair, strict=True):
            for word in words.split():
                found.setdefault(word, {})[axis] = sign
    return found


AXES: Mapping[str, Mapping[str, int]] = _signs()


def same(stemmed: str) -> str:
    """The stem that stands for all its synonyms."""
    return _SAME.get(stemmed, stemmed)


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    low: str
    stem: str  # "#" for a quantity
    quantity: Quantity | None = None
    negated: bool = False
    hedged: bool = False

    content: bool = False  # neither a function word nor a sign
    weight: float = 0.0  # of its concept: medicines and symbols count most, words of any abstract least


def _token(text: str, low: str, *, negated: bool, hedged: bool) -> Token:
    content, weight = _worth(text, low)
    return Token(text, low, concept(low), None, negated, hedged, content, weight)


@lru_cache(maxsize=1 << 15)
def _worth(text: str, low: str) -> tuple[bool, float]:
    stemmed = concept(low)
    content = len(stemmed) > 1 and low not in lexicon.STOP and low[0].isalnum()
    if stemmed in _GENERIC:
        return content, 0.3
    return content, 1.5 if is_drug(low) or not text.isalpha() or text[1:] != text[1:].lower() else 1.0


@dataclass(frozen=True)
class Statement:
    """One sentence."""

    text: str
    tokens: tuple[Token, ...]

    @cached_property
    def content(self) -> tuple[int, ...]:
        """Positions of the tokens that carry content."""
        return tuple(i for i, token in enumerate(self.tokens) if token.content)

    @cached_property
    def concepts(self) -> frozenset[str]:
        return frozenset(same(self.tokens[i].stem) for i in self.content)

    @cached_property
    def weights(self) -> Mapping[str, float]:
        """Each concept with its weight."""
        return {
            same(self.tokens[i].stem): self.tokens[i].weight
            for i in self.content
            if self.tokens[i].stem != "#"
        }

    @cached_property
    def _around(self) -> dict[int, Mapping[str, float]]:
        return {}

    def around(self, i: int) -> Mapping[str, float]:
        """The concepts near token `i`: their weight at its side, less with each content word between."""
        if (known := self._around.get(i)) is not None:
            return known
        found: dict[str, float] = {}
        left, right = bisect_left(self.content, i), bisect_right(self.content, i)
        for near in range(WINDOW):
            for at in (left - 1 - near, right + near):
                if 0 <= at < len(self.content):
                    token = self.tokens[self.content[at]]
                    if token.quantity is None and token.low not in AXES:
                        name = same(token.stem)
                        found[name] = max(found.get(name, 0.0), token.weight / (1 + near / 3))
        self._around[i] = found
        return found

    @cached_property
    def quantities(self) -> tuple[tuple[int, Quantity], ...]:
        return tuple((i, t.quantity) for i, t in enumerate(self.tokens) if t.quantity is not None)

    @cached_property
    def directed(self) -> Mapping[int, Mapping[str, int]]:
        """Position of each word that gives a direction -> its axes with its sign on them, 1 or -1."""
        return {
            i: AXES[token.low]
            for i, token in enumerate(self.tokens)
            if token.low in AXES and (token.low not in _GRADED or self._compares(i))
        }

    def _compares(self, i: int) -> bool:
        """Whether a "more" or "most" says how much: not "more specifically", "and more", "most of"."""
        after = self.tokens[i + 1].low if i + 1 < len(self.tokens) else ""
        return bool(after) and not after.endswith("ly") and after not in ("of", ")", ",", "and")


@dataclass(frozen=True)
class Reading:
    """A passage or a claim, read."""

    text: str
    statements: tuple[Statement, ...]

    @cached_property
    def names(self) -> frozenset[str]:
        """Every word and joined compound, squeezed: "IL-6", "IL 6" and "IL6" are all il6."""
        found: set[str] = set()
        for match in _NAME.finditer(self.text):
            parts = [p.lower() for p in re.split(r"[-/.*'+]", match[0]) if p]
            found.add("".join(parts))
            found.update(parts)
            found.update(parts[i] + parts[i + 1] for i in range(len(parts) - 1))
        words = [m[0].lower() for m in re.finditer(r"[^\W_]+", self.text)]
        found.update(a + b for a, b in pairwise(words) if len(a) + len(b) < 12)
        return frozenset(found | {name[:-1] for name in found if name.endswith("s")})

    @cached_property
    def concepts(self) -> frozenset[str]:
        return frozenset().union(*(s.concepts for s in self.statements)) if self.statements else frozenset()

    @cached_property
    def quantities(self) -> tuple[Quantity, ...]:
        return tuple(q for s in self.statements for _, q in s.quantities)


def fold(text: str) -> str:
    """One spelling for hyphens, quotes, Greek letters, the micro sign and the decimal point."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
        text = _POINT.sub(".", _MICRO.sub("u", text))
        text = _SUPER.sub(lambda m: "^" + unicodedata.normalize("NFKC", m[1]).replace("−", "-"), text)
        text = text.translate(_SIGNS)
    return text


@lru_cache(maxsize=2048)
def read(text: str) -> Reading:
    text = _MARKER.sub("", fold(text))
    return Reading(text, tuple(_statements(text)))


def _statements(text: str) -> Iterator[Statement]:
    start = 0
    for match in _BOUNDARY.finditer(text):
        if not _ABBREVIATED.search(text[max(0, match.start() - 10) : match.start()]):
            if text[start : match.start()].strip():
                yield _statement(text[start : match.start()])
            start = match.end()
    if text[start:].strip():
        yield _statement(text[start:])


def _statement(text: str) -> Statement:
    found = quantities(text)
    tokens: list[Token] = []
    left, hedge = 0, 0
    only = _NOT_ONLY.search(text) is not None
    for piece in _pieces(text, found):
        if isinstance(piece, Quantity):
            tokens.append(Token(piece.text, piece.text.lower(), "#", piece, left > 0, hedge > 0, True, 1.0))
            continue
        low = piece.lower()
        if low.endswith("n't") and len(low) > 3:
            low = "not"
        token = _token(piece, low, negated=left > 0, hedged=hedge > 0)
        if low in _CLAUSE:
            left = hedge = 0
        elif low in lexicon.NEGATIONS and not only:
            left = SCOPE
        elif low in lexicon.HEDGES:
            hedge = 2
        elif token.content:
            left, hedge = max(0, left - 1), max(0, hedge - 1)
        tokens.append(token)
    return Statement(text, tuple(tokens))


def _pieces(text: str, found: tuple[Quantity, ...]) -> Iterator[str | Quantity]:
    at = 0
    for quantity in found:
        yield from _TOKEN.findall(text, at, quantity.start)
        yield quantity
        at = quantity.end
    yield from _TOKEN.findall(text, at)


def is_symbol(name: str) -> bool:
    """Whether a word looks like a gene, protein or abbreviation: two capitals, or letters with digits."""
    return _SYMBOL.match(name) is not None


@lru_cache(maxsize=1 << 14)
def is_drug(word: str) -> bool:
    """Whether a lower-case word is the name of a medicine: listed, or ending like an international name."""
    if word in medicines.DRUGS or word.removesuffix("s") in medicines.DRUGS:
        return True
    return len(word) >= 7 and word not in medicines.NOT_DRUGS and _DRUG.fullmatch(word) is not None
