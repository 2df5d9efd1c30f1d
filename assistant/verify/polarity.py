"""Direction, comparison sides, negation and lost hedges: whether a claim turns what a passage says round."""

import re
from collections.abc import Iterator, Sequence

from assistant.verify import lexicon
from assistant.verify.finding import Finding, Match, nearness, the
from assistant.verify.reading import Reading, Statement, Token, is_drug, same

OPPOSITE = 0.4  # nearness from which an opposite word is about the same thing
AHEAD = 0.08  # by how much it must be nearer than any word that agrees
TOUCHES = 0.1  # nearness from which the opposite word, where none agrees at all, makes a claim unsupported
UNHEARD = 0.05
RESEMBLES = 0.5  # share of the claim's words that a statement needs to be compared for negation
ABREAST = 0.1  # statements so much behind the likest are heard too
VERBATIM = 0.9

_NEGATIVE = re.compile(lexicon.NEGATIVE, re.IGNORECASE)
_BASELINE = frozenset(("than", "versus", "vs"))
_ARMS = frozenset(("placebo", "control", "controls"))


def check_direction(claim: Statement, passages: Sequence[Reading]) -> Iterator[Finding]:
    for i, facing in claim.directed.items():
        own, around = claim.tokens[i], claim.around(i)
        agree = against = 0.0
        word = ""
        place: tuple[Statement, int] | None = None
        for reading in passages:
            for statement in reading.statements:
                for j, other in statement.directed.items():
                    if not (shared := facing.keys() & other.keys()):
                        continue
                    near = nearness(around, statement.around(j))
                    turned = own.negated != statement.tokens[j].negated
                    if any((facing[axis] == other[axis]) != turned for axis in shared):
                        if near > agree:
                            agree, place = near, (statement, j)
                    elif near > against:
                        against, word = near, _with_not(statement.tokens[j])
        if against >= OPPOSITE and against >= agree + AHEAD:
            yield Finding("contradicted", f"{the(passages)} says “{word}”, not “{_with_not(own)}”")
        elif agree <= UNHEARD and (against >= TOUCHES or facing.get("benefit", 0) < 0):
            yield Finding("unsupported", f"“{_with_not(own)}”: {the(passages)} says nothing like it")
        elif place is not None and agree >= 0.3:
            yield from _sides(claim, i, *place, passages)


def _with_not(token: Token) -> str:
    return f"not {token.low}" if token.negated else token.low


def _sides(
    claim: Statement, i: int, statement: Statement, j: int, passages: Sequence[Reading]
) -> Iterator[Finding]:
    """ "Lower with A" where the passage has it lower with B than with A."""
    own, theirs = _agent(claim, i), _agent(statement, j)
    if own is None or theirs is None or own == theirs:
        return
    baselines = {_baseline(s) for r in passages for s in r.statements} - {None}
    if own in baselines and theirs not in baselines:
        yield Finding(
            "contradicted", f"{the(passages)} says “{statement.tokens[j].low}” of {theirs}, not of {own}"
        )


def _arm(token: Token) -> bool:
    return token.low in _ARMS or is_drug(token.low)


def _baseline(s: Statement) -> str | None:
    """B in "compared with B", "than with B", "versus B"."""
    for k, token in enumerate(s.tokens):
        if token.low in _BASELINE or (
            token.stem in ("compar", "rel")
            and k + 1 < len(s.tokens)
            and s.tokens[k + 1].low in ("with", "to")
        ):
            for after in s.tokens[k + 1 : k + 6]:
                if _arm(after):
                    return after.low
    return None


def _agent(s: Statement, i: int) -> str | None:
    """A in "lower with A", "A reduced": the first arm behind the word, else the last before it."""
    linked = False
    for token in s.tokens[i + 1 : i + 7]:
        if token.low in _BASELINE or token.stem in ("compar", "rel") or token.low in (",", ";", "and"):
            break
        if linked and _arm(token):
            return token.low
        linked = linked or token.low in ("with", "by", "after", "during", "under")
    before = s.tokens[:i]
    for k in range(len(before) - 1, -1, -1):
        if _arm(before[k]) and not any(
            t.low in _BASELINE or t.stem == "compar" for t in before[max(0, k - 4) : k]
        ):
            return before[k].low
    return None


def check_negation(
    claim: Statement, ranked: Sequence[Match], passages: Sequence[Reading]
) -> Iterator[Finding]:
    """A finding when every statement that resembles the claim has its main words with the other polarity."""
    heard = [m for m in ranked[:6] if m.likeness >= max(RESEMBLES, ranked[0].likeness - ABREAST)]
    turned = [_turned(claim, m.statement) for m in heard]
    if heard and all(turned):
        yield Finding("contradicted", f"{the(passages)} {turned[0]}")
        return
    for i in _heads(claim):
        if not _denied(claim, i, ranked):
            word = claim.tokens[i].low
            yield Finding("unsupported", f"“not {word}”: {the(passages)} denies nothing of the kind")


def _denied(claim: Statement, head: int, ranked: Sequence[Match]) -> bool:
    """Whether a statement with half of what the claim denies has a negation over it or a word that denies."""
    scope = {same(claim.tokens[i].stem): claim.tokens[i].weight for i in _run(claim, head)}
    half = sum(scope.values()) / 2
    for _, s in ranked:
        if sum(weight for name, weight in scope.items() if name in s.concepts) < half:
            continue
        if any(s.tokens[j].negated and same(s.tokens[j].stem) in scope for j in s.content):
            return True
        if _NEGATIVE.search(s.text):
            return True
    return False


def _run(s: Statement, head: int) -> Iterator[int]:
    """The content words that one negation reaches."""
    for i in s.content:
        if i >= head:
            if not s.tokens[i].negated:
                return
            yield i


def _turned(claim: Statement, other: Statement) -> str:
    """What is negated on one side alone, as the end of a sentence; "" for nothing."""
    for i in _heads(claim):
        j, near = _counterpart(claim, i, other)
        if j is not None and near >= 0.35 and not other.tokens[j].negated:
            return f"says “{other.tokens[j].low}”, not “not {claim.tokens[i].low}”"
    for j in _heads(other):
        k, near = _counterpart(other, j, claim)
        if k is not None and near >= 0.35 and not claim.tokens[k].negated:
            return f"says “not {other.tokens[j].low}”, not “{claim.tokens[k].low}”"
    return ""


def _heads(s: Statement) -> Iterator[int]:
    """The first content word behind each "no" and "not"; "lack of" and "without" are left to the wording."""
    for k, token in enumerate(s.tokens):
        if token.low in lexicon.DENIALS:
            i = next((i for i in s.content if i > k), None)
            if i is not None and s.tokens[i].negated and s.tokens[i].quantity is None:
                yield i


def _counterpart(s: Statement, i: int, other: Statement) -> tuple[int | None, float]:
    """The place in `other` of the same word in the likest surroundings."""
    name, around = same(s.tokens[i].stem), s.around(i)
    places = [
        (nearness(around, other.around(j)), j) for j in other.content if same(other.tokens[j].stem) == name
    ]
    if not places:
        return None, 0.0
    near, j = max(places)
    return j, near


def check_hedges(claim: Statement, ranked: Sequence[Match], passages: Sequence[Reading]) -> Iterator[Finding]:
    """ "May reduce" become "reduces", where all else is the passage's own."""
    if not ranked or ranked[0].likeness < VERBATIM or any(t.hedged for t in claim.tokens):
        return
    for j, token in enumerate(ranked[0].statement.tokens):
        if token.hedged and token.content and token.quantity is None:
            i, near = _counterpart(ranked[0].statement, j, claim)
            if i is not None and near >= 0.6:
                yield Finding("unsupported", f"{the(passages)} says only that it may be so: “{token.low}”")
                return
