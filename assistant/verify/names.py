"""Medicines, genes, other names and populations of a claim against those of the passages."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from assistant.verify import lexicon, populations
from assistant.verify.finding import Finding, Match, nearness, no, the
from assistant.verify.reading import Reading, Statement, concept, is_drug, is_symbol

ELSEWHERE = 0.75  # nearness from which another medicine stands in the claim's slot
AHEAD = 0.35

_NAME = re.compile(r"[^\W_]+(?:[-/*'][^\W_]+)*")
_GREEK = {"a": "alpha", "b": "beta", "g": "gamma", "d": "delta", "k": "kappa"}
_POPULATIONS = {k: re.compile(rf"\b(?:{v})(?!\w)", re.IGNORECASE) for k, v in populations.POPULATIONS.items()}
_CLAIMED = {
    k: re.compile(rf"\b(?:{populations.CLAIMED.get(k, v)})(?!\w)", re.IGNORECASE)
    for k, v in populations.POPULATIONS.items()
}
_ROUTES = {k: re.compile(rf"\b(?:{v})(?!\w)", re.IGNORECASE) for k, v in lexicon.ROUTES.items()}
_NOT_STUDIED = re.compile(populations.NOT_STUDIED, re.IGNORECASE)


def check_names(claim: Statement, passages: Sequence[Reading]) -> Iterator[Finding]:
    known = frozenset().union(*(r.names for r in passages))
    stems = frozenset().union(*(r.concepts for r in passages))
    for match in _NAME.finditer(claim.text):
        name = match[0]
        if not _has(name, known, stems) and not _spelled(name, (claim.text, *(r.text for r in passages))):
            yield Finding("unsupported", f"{name} is {no(passages)}")
    yield from _exchanged(claim, passages)
    for route, pattern in _ROUTES.items():
        if re.search(rf"\b{route[:8]}", claim.text, re.IGNORECASE) and not any(
            pattern.search(r.text) for r in passages
        ):
            yield Finding("unsupported", f"{route} use is {no(passages)}")


def _has(name: str, known: frozenset[str], stems: frozenset[str]) -> bool:
    """Whether nothing in the name is foreign to the passages; a word without the looks of a name passes."""
    parts = [p for p in re.split(r"[-/*']", name) if p]
    squeezed = "".join(parts).lower()
    if squeezed in known or squeezed.removesuffix("s") in known:
        return True
    if len(parts) > 1 and any(part.isalpha() for part in parts):
        return all(part in known if part.isdigit() else _known(part, known, stems) for part in parts)
    return all(_known(part, known, stems) for part in parts)


def _known(part: str, known: frozenset[str], stems: frozenset[str]) -> bool:
    low = part.lower()
    if low in known or low.removesuffix("s") in known or low in lexicon.COMMON_ABBREVIATIONS or len(low) < 2:
        return True
    if is_drug(low):
        return concept(low) in stems
    if low[-1] in _GREEK and low[:-1] + _GREEK[low[-1]] in known:
        return True
    if is_symbol(part) and not part.isdigit():
        return (
            any(low in name or (len(name) > 3 and name in low) for name in known if low[:2] in name)
            and not low[-1].isdigit()
        )
    return True


def _spelled(name: str, texts: Sequence[str]) -> bool:
    """Whether an abbreviation stands for words of the texts, by their first letters."""
    letters = [c.lower() for c in name if c.isalpha()]
    if not 2 <= len(letters) <= 7 or any(c.isdigit() for c in name) or is_drug(name.lower()):
        return False
    if letters[-1] == "s" and name[-1] == "s":
        letters.pop()
    return any(_expansion("".join(letters)).search(text.lower()) for text in texts)


@lru_cache(maxsize=512)
def _expansion(letters: str) -> re.Pattern[str]:
    """Words that begin with the letters in turn; small words and inner letters are passed."""
    return re.compile(
        r"\b" + r"(?:\w*[\W_]+(?:(?:of|the|and|in|for|to|with)\W+)?|\w{0,9}?)".join(map(re.escape, letters))
    )


def _exchanged(claim: Statement, passages: Sequence[Reading]) -> Iterator[Finding]:
    """A medicine of the passages in the place of another one."""
    for i, token in enumerate(claim.tokens):
        if not is_drug(token.low):
            continue
        own = other = 0.0
        name = ""
        for reading in passages:
            for s in reading.statements:
                for j, there in enumerate(s.tokens):
                    if is_drug(there.low):
                        near = nearness(claim.around(i), s.around(j))
                        if there.stem == token.stem:
                            own = max(own, near)
                        elif near > other:
                            other, name = near, there.low
        if own and other >= ELSEWHERE and other >= own + AHEAD:
            yield Finding("contradicted", f"{the(passages)} has {name} there, not {token.low}")


def check_populations(
    claim: Statement, ranked: Sequence[Match], passages: Sequence[Reading]
) -> Iterator[Finding]:
    stated = [(kind, m[0]) for kind, pattern in _CLAIMED.items() if (m := pattern.search(claim.text))]
    for kind, words in stated:
        about = [s for r in passages for s in r.statements if _POPULATIONS[kind].search(s.text)]
        if not about:
            yield Finding("unsupported", f"“{words}”: such a population is {no(passages)}")
        elif all(_NOT_STUDIED.search(s.text) for s in about) and not _NOT_STUDIED.search(claim.text):
            yield Finding(
                "unsupported",
                f"{the(passages)} says that “{words}” were not studied, or that too little is known",
            )
        elif (
            ranked and ranked[0].likeness >= 0.75 and not _POPULATIONS[kind].search(ranked[0].statement.text)
        ):
            instead = [
                m[0]
                for other, pattern in _CLAIMED.items()
                if other != kind
                and (m := pattern.search(ranked[0].statement.text))
                and not _POPULATIONS[other].search(claim.text)
            ]
            if instead:
                yield Finding("contradicted", f"{the(passages)} is about “{instead[0]}”, not “{words}”")
