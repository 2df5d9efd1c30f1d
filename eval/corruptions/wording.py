"""Words made wrong: direction, negation, a drug for another of its class, a population.

Each function yields (text, variant): `clean` where no word of the passage speaks for the new claim, `near`
where the passage has such a word in another place, which is harder to see.
"""

import re
from collections.abc import Iterator
from functools import partial

from eval.corruptions.claims import tokens
from eval.corruptions.terms import DIRECTIONS, DRUG_CLASSES, NEGATIONS, POPULATIONS

Changed = Iterator[tuple[str, str]]

_SUBORDINATE = re.compile(
    r"\b(?:that|which|who|when|if|because|although|while|whether|where|after|before)\b", re.I
)
_SCOPED = re.compile(
    r"\b(?:not only|whether|neither|nor|no longer|if not|or not|or without|cannot be excluded)\b", re.I
)
_AUXILIARY = re.compile(
    r"\b(?P<can>can)\b(?! be excluded)|\b(?:is|are|was|were|should|must|will)\b"
    r"|\b(?:has|have)\b(?= been| shown)"
)
_NEGATED = re.compile(
    r"\b(?P<word>is|are|was|were|should|may|can|could|must|will|do|does|did|has|have) not\b"
    r"|\b(?P<cannot>cannot)\b|\b(?P<without>without)\b"
    r"|\b(?P<no>no) (?=evidence|effect|difference|association|increase|role|benefit)"
)
_DRUGS = {drug: group for group in DRUG_CLASSES for drug in group}
_DRUG = re.compile(rf"\b({'|'.join(sorted(_DRUGS, key=len, reverse=True))})\b", re.IGNORECASE)


def direction(claim: str, passage: str) -> Changed:
    """Up for down. Claims that speak of both are left alone."""
    said, there = set(tokens(claim)), set(tokens(passage))
    for match in re.finditer(r"(?<![\w-])[A-Za-z]+(?![\w-])", claim):
        word = match.group()
        other = DIRECTIONS.get(word.lower())
        if other is None or other in said or DIRECTIONS.get(other, word.lower()) in said - {word.lower()}:
            continue
        yield _put(claim, match, like(word, other)), "near" if other in there else "clean"


def negation(claim: str, passage: str) -> Changed:
    """A "not" put in after the first auxiliary of the main clause, or taken out."""
    if _SCOPED.search(claim) or claim.lower().startswith(("no,", "no.", "no ")):
        return
    variant = "near" if NEGATIONS & set(tokens(passage)) else "clean"
    for match in _NEGATED.finditer(claim):
        new = {"cannot": "can", "without": "with", "no": ""}.get(match.lastgroup or "", match["word"])
        yield re.sub(r"  +", " ", _put(claim, match, new or "")), f"{variant}, taken out"
    if NEGATIONS & set(tokens(claim)):
        return
    first = _AUXILIARY.search(claim)
    if first is None or _SUBORDINATE.search(claim[: first.start()]) or "(" in claim[: first.start()]:
        return
    yield _put(claim, first, "cannot" if first["can"] else f"{first.group()} not"), f"{variant}, put in"


def drug(claim: str, passage: str) -> Changed:
    """Every mention of a drug for another of its class, which neither text names."""
    named = {m.lower() for m in _DRUG.findall(f"{claim} {passage}")}
    for old in dict.fromkeys(m.lower() for m in _DRUG.findall(claim)):
        for new in _DRUGS[old]:
            if new not in named:
                yield _renamed(claim, old, new), "clean"


def population(claim: str, passage: str) -> Changed:
    """Another population, which neither text names."""
    for old, new, family in POPULATIONS:
        pattern = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])", re.IGNORECASE)
        others = pattern.sub("", f"{claim} {passage}")
        if pattern.search(claim) and not re.search(family, others, re.IGNORECASE):
            yield pattern.sub(partial(_like, new), claim), "clean"


def like(word: str, other: str) -> str:
    """`other` with a capital where `word` has one."""
    return other[0].upper() + other[1:] if word[0].isupper() else other


def _like(other: str, match: re.Match[str]) -> str:
    return like(match.group(), other)


def _renamed(claim: str, old: str, new: str) -> str:
    claim = re.sub(rf"\b{old}\b", partial(_like, new), claim, flags=re.IGNORECASE)
    article = "an" if new[0] in "aeiou" else "a"
    return re.sub(rf"\ban? (?={new}\b)", f"{article} ", claim)


def _put(text: str, match: re.Match[str], new: str) -> str:
    return text[: match.start()] + new + text[match.end() :]
