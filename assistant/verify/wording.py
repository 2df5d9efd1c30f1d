"""A claim in nearly the passage's own words: each replaced, added or dropped word is looked at by itself."""

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from assistant.verify import lexicon, populations
from assistant.verify.finding import Finding, Match, the
from assistant.verify.reading import AXES, Reading, Statement, Token, is_drug, is_symbol, same

NEARLY = 0.75  # share of the claim's words from which the wording is compared
ABREAST = 0.06  # statements so much behind the likest are heard too
EDIT = 4  # tokens of an edit that is still a change of wording

_SWAPS = {
    word: (n, sign)
    for n, pair in enumerate(lexicon.SWAPS)
    for sign, words in enumerate(pair)
    for word in words.split()
}
_STATES = {"patients": r"patients?", "healthy": r"healthy|volunteers?|controls?"}
_KINDS = {
    kind: re.compile(rf"(?:{words})", re.IGNORECASE)
    for kind, words in {
        **populations.POPULATIONS,
        **populations.CLAIMED,
        "humans": r"humans?",
        **_STATES,
    }.items()
}


def check_wording(
    claim: Statement, ranked: Sequence[Match], passages: Sequence[Reading]
) -> Iterator[Finding]:
    """A finding when every statement that is nearly the claim differs from it in a word that turns it."""
    heard = [m for m in ranked[:4] if m.likeness >= max(NEARLY, ranked[0].likeness - ABREAST)]
    changes = [_change(claim, m.statement) for m in heard]
    if changes and None not in changes and changes[0] is not None:
        theirs, own = changes[0]
        yield Finding("contradicted", f"{the(passages)} has {theirs}, not {own}")


def _change(claim: Statement, other: Statement) -> tuple[str, str] | None:
    """(the passage's words, the claim's words) of the first change of meaning."""
    matcher = SequenceMatcher(
        None, [_key(t) for t in other.tokens], [_key(t) for t in claim.tokens], autojunk=False
    )
    for kind, a, b, c, d in matcher.get_opcodes():
        if kind == "equal":
            continue
        theirs, own = other.tokens[a:b], claim.tokens[c:d]
        if len(theirs) > EDIT or len(own) > EDIT:
            continue
        if _turns(theirs, own) and not _moved(theirs, own, claim, other):
            return _quoted(theirs), _quoted(own)
    return None


def _moved(theirs: Sequence[Token], own: Sequence[Token], claim: Statement, other: Statement) -> bool:
    """Whether the changed words stand elsewhere on the other side: "gain and loss", "loss and gain"."""
    said, written = {t.low for t in claim.tokens}, {t.low for t in other.tokens}
    return bool(theirs and own) and all(t.low in said for t in theirs) and all(t.low in written for t in own)


def _key(token: Token) -> str:
    if token.quantity is None:
        return token.low if token.low in _SWAPS or token.low in AXES else same(token.stem)
    return f"#{token.quantity.unit}{token.quantity.value:.6g}"


def _quoted(tokens: Sequence[Token]) -> str:
    return "“" + " ".join(t.text for t in tokens) + "”" if tokens else "no such word"


def _turns(theirs: Sequence[Token], own: Sequence[Token]) -> bool:
    if _negative(theirs) != _negative(own):
        return True
    if not theirs or not own:
        return False
    return (
        any(_opposed(a, b) for a in theirs for b in own)
        or _other_quantity(theirs, own)
        or _other_name(theirs, own)
        or _other_population(theirs, own)
    )


def _negative(tokens: Sequence[Token]) -> bool:
    return any(t.low in lexicon.NEGATIONS for t in tokens)


def _opposed(a: Token, b: Token) -> bool:
    if a.low in _SWAPS and b.low in _SWAPS and _SWAPS[a.low][0] == _SWAPS[b.low][0]:
        return _SWAPS[a.low][1] != _SWAPS[b.low][1]
    theirs, own = AXES.get(a.low, {}), AXES.get(b.low, {})
    return any(theirs[axis] != own[axis] for axis in theirs.keys() & own.keys())


def _other_quantity(theirs: Sequence[Token], own: Sequence[Token]) -> bool:
    a = [t.quantity for t in theirs if t.quantity]
    b = [t.quantity for t in own if t.quantity]
    return (
        bool(a)
        and len(a) == len(b)
        and any(p.unit == q.unit and not q.same(p) for p, q in zip(a, b, strict=True))
    )


def _other_name(theirs: Sequence[Token], own: Sequence[Token]) -> bool:
    a = [t.low for t in theirs if is_drug(t.low) or is_symbol(t.text)]
    b = [t.low for t in own if is_drug(t.low) or is_symbol(t.text)]
    return len(a) == len(b) == 1 and is_drug(a[0]) == is_drug(b[0]) and _plain(a[0]) != _plain(b[0])


def _other_population(theirs: Sequence[Token], own: Sequence[Token]) -> bool:
    a = {kind for t in theirs for kind, p in _KINDS.items() if p.fullmatch(t.low)}
    b = {kind for t in own for kind, p in _KINDS.items() if p.fullmatch(t.low)}
    return bool(a - b and b - a)  # infants are children, and no adolescents


def _plain(name: str) -> str:
    """A name without its plural and with a Greek letter cut to its first: ifngamma, ifng."""
    return re.sub(
        r"(?<=[a-z0-9])(alpha|beta|gamma|delta)$|^gamma(?=[a-z]\d)", lambda m: m[0][0], name.rstrip("s")
    )
