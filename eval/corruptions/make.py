"""Cases drawn from claims: ten kinds of corruption, and as many untouched; the same seed, the same cases."""

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest

from eval.corruptions import quantities, wording
from eval.corruptions.claims import Claim, Passage, content, tokens
from eval.corruptions.rewrite import rewritten
from eval.corruptions.terms import INVENTED

UNTOUCHED = "untouched"
EACH = 250  # cases of a kind
_ELSEWHERE = 0.3  # share of a claim's content words from which another passage might support it
_INVENTED = 0.5  # the same for a sentence that is not of this question
_VERBAL = ("ed", "ing", "ly", "est", "er")  # ends of words that a sentence is hardly about
_LONG = 6  # letters of a word that an invented sentence is about


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A sentence with what it cites. `passages[n - 1]` is evidence n; `original` the sentence as it was."""

    kind: str
    variant: str
    source: str
    text: str
    original: str
    citations: tuple[int, ...]
    passages: tuple[Passage, ...]


Candidates = Callable[[Claim, Sequence[Claim], random.Random], Iterable[tuple[str, str, int]]]


def make(claims: Iterable[Claim], *, each: int = EACH, seed: int = 0) -> list[Case]:
    """Up to `each` cases of every kind, one of a claim at most, sources in turn; as many untouched ones,
    of which up to a quarter are written otherwise with the same meaning."""
    order = random.Random(seed)
    pool = _in_turn(claims, order)
    made: list[Case] = []
    for kind, candidates in KINDS.items():
        made += _some(kind, candidates, pool, each, random.Random(f"{seed} {kind}"))
    wanted = len(made)
    others = _some(UNTOUCHED, _otherwise, pool, wanted // 4, random.Random(f"{seed} rewritten"))
    plain = [_case(UNTOUCHED, c.tier, c, c.text, c.cited) for c in pool[: wanted - len(others)]]
    return made + others + plain


def _some(
    kind: str, candidates: Candidates, pool: Sequence[Claim], wanted: int, chance: random.Random
) -> list[Case]:
    found: list[Case] = []
    for claim in pool:
        if len(found) == wanted:
            break
        options = [o for o in candidates(claim, pool, chance) if o[0] != claim.text or o[2] != claim.cited]
        if options:
            text, variant, cited = chance.choice(options)
            found.append(_case(kind, variant, claim, text, cited))
    return found


def _in_turn(claims: Iterable[Claim], order: random.Random) -> list[Claim]:
    """One source after the other, shuffled inside each, so that a rare one is not drowned."""
    by_source: dict[str, list[Claim]] = {}
    for claim in claims:
        by_source.setdefault(claim.source, []).append(claim)
    for group in by_source.values():
        order.shuffle(group)
    return [c for c in chain.from_iterable(zip_longest(*by_source.values())) if c is not None]


def _case(kind: str, variant: str, claim: Claim, text: str, cited: int) -> Case:
    return Case(
        kind=kind,
        variant=variant,
        source=claim.source,
        text=text,
        original=claim.text,
        citations=(cited,),
        passages=claim.passages,
    )


def _numbers(change: Callable[[str, str], Iterator[str]]) -> Candidates:
    def candidates(
        claim: Claim, pool: Sequence[Claim], chance: random.Random
    ) -> Iterator[tuple[str, str, int]]:
        for text in change(claim.text, claim.passage.whole):
            yield text, "", claim.cited

    return candidates


def _words(change: Callable[[str, str], Iterator[tuple[str, str]]]) -> Candidates:
    def candidates(
        claim: Claim, pool: Sequence[Claim], chance: random.Random
    ) -> Iterator[tuple[str, str, int]]:
        for text, variant in change(claim.text, claim.passage.whole):
            yield text, variant, claim.cited

    return candidates


def _citation(claim: Claim, pool: Sequence[Claim], chance: random.Random) -> Iterator[tuple[str, str, int]]:
    """A number beyond the evidence, or that of a passage that has few of the claim's words."""
    yield claim.text, "no such passage", len(claim.passages) + chance.randint(1, 9)
    for n, passage in enumerate(claim.passages, start=1):
        if n != claim.cited and covered(claim.text, passage) < _ELSEWHERE:
            yield claim.text, "another passage", n
            return


def _invented(claim: Claim, pool: Sequence[Claim], chance: random.Random) -> Iterator[tuple[str, str, int]]:
    """A made-up sentence on a word of the claim, or one of another question that shares a word with it."""
    own = content(tokens(claim.text))
    named = (word for word in own if len(word) >= _LONG and word.isalpha() and not word.endswith(_VERBAL))
    topics = sorted(named, key=lambda word: (-len(word), word))[:3]
    if topics:
        text = chance.choice(INVENTED).format(word=chance.choice(topics))
        if covered(text, claim.passage) < _INVENTED:
            yield text, "made up", claim.cited
    for other in chance.sample(pool, min(20, len(pool))):
        shared = own & content(tokens(other.text))
        apart = other.group != claim.group and all(covered(other.text, p) < _INVENTED for p in claim.passages)
        if apart and any(len(word) >= _LONG for word in shared):
            yield other.text, "of another question", claim.cited
            return


def _otherwise(claim: Claim, pool: Sequence[Claim], chance: random.Random) -> Iterator[tuple[str, str, int]]:
    for text, how in rewritten(claim.text):
        yield text, f"rewritten: {how}", claim.cited


def covered(text: str, passage: Passage) -> float:
    """The share of a sentence's content words that a passage has."""
    own = content(tokens(text))
    return len(own & set(tokens(passage.whole))) / len(own) if own else 1.0


KINDS: Mapping[str, Candidates] = {
    "number": _numbers(quantities.number),
    "unit x10": _numbers(quantities.tenfold),
    "dose unit": _numbers(quantities.mass_unit),
    "interval bound": _numbers(quantities.interval_bound),
    "direction": _words(wording.direction),
    "negation": _words(wording.negation),
    "drug of the class": _words(wording.drug),
    "population": _words(wording.population),
    "citation number": _citation,
    "invented sentence": _invented,
}
