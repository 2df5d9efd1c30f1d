"""Whether quoted sentences answer a yes/no question with yes or no. Nothing is added to the quotation.

Rules alone: a sentence takes a side when it speaks of what was asked, is not a doubt, and its negation and
direction, against the question's own, leave one reading. Several sentences must not disagree.
"""

import re
from collections.abc import Sequence
from typing import Literal

from assistant.generate.question import kind
from assistant.index.bm25 import tokenise

Stance = Literal["yes", "no"]

AFFIRMS = 0.75  # share of the question's words that a sentence must have to say yes to it
DENIES = 0.65  # to say no: what is denied is often named by another word
NEAR = 6  # words after a negation that it may deny

_DOUBT = re.compile(
    r"\bwhether\b|\b(?:un(?:clear|known|certain|resolved)|controversial|inconclusive|conflicting|debated?"
    r"|hypothesi[sz]ed?"
    r"|insufficient|limited evidence|not (?:yet )?(?:known|clear|established|been (?:established|studied"
    r"|determined)))\b"
    r"|\b(?:aim(?:ed|s)?|objective|purpose|sought)\b|\?$"
    r"|\b(?:is|are|was|were|being) (?:currently )?(?:being )?(?:evaluated|investigated|studied|tested"
    r"|assessed|examined)\b"
    r"|\b(?:in|under) (?:clinical trials?|investigation|development)\b|^(?:background|methods?|design"
    r"|setting|introduction)\b",
    re.IGNORECASE,
)
_NEGATES = re.compile(
    r"\b(?:not(?! only)|no(?! longer)|never|neither|nor|cannot|can't|doesn't|didn't|isn't|without|fail(?:s"
    r"|ed|ure)? to|lacks?|lacking"
    r"|absence of|unable to|unlikely|rather than|instead of|ineffective"
    r"|inefficacious|stopped|discontinued|terminated|withdrawn|failed|futile)\b",
    re.IGNORECASE,
)
_ADVISES_AGAINST = re.compile(
    r"\b(?:avoid(?:ed)?|contra-?indicated|unsafe|harmful|detrimental|should not|must not|not recommended)\b",
    re.IGNORECASE,
)
# Words of one side and of the other: a question of one and a sentence of the other contradict.
_SIDES = tuple(
    (frozenset(tokenise(one)), frozenset(tokenise(other)))
    for one, other in (
        (
            "increase raise elevate higher enhance promote stimulate activate upregulate induce more longer"
            " worsen",
            "decrease reduce lower diminish attenuate suppress inhibit downregulate prevent block less"
            " shorter improve",
        ),
        ("agonist", "antagonist"),
        ("activator", "inhibitor repressor"),
        ("safe effective beneficial", "unsafe ineffective harmful contraindicated"),
        ("dominant", "recessive"),
        ("benign", "malignant"),
        ("sensitive susceptible", "resistant"),
        ("acute", "chronic"),
        ("oral", "intravenous subcutaneous"),
    )
)

# A question after a worth is affirmed by an outcome, not by a sentence on a trial of it.
_WORTH = frozenset(
    tokenise("effective efficacy efficacious effectiveness useful beneficial benefit safe work recommended")
)
_BORNE_OUT = _WORTH | frozenset(
    tokenise(
        "improve improved reduce reduced superior approved significant response better successful tolerated"
        " increase prevent"
    )
)


def stance(question: str, sentences: Sequence[str]) -> Stance | None:
    """None where the question is of another kind, no sentence takes a side, or two disagree."""
    if kind(question) != "yes/no":
        return None
    sides = {side for s in sentences if (side := _side(question, s)) is not None}
    return sides.pop() if len(sides) == 1 else None


def _side(question: str, sentence: str) -> Stance | None:
    words, said = set(tokenise(question)), set(tokenise(sentence))
    if not words or _DOUBT.search(sentence):
        return None
    shared = len(words & said) / len(words)
    advised = bool(_ADVISES_AGAINST.search(sentence)) != bool(_ADVISES_AGAINST.search(question))
    negated = _negated(sentence, words) != _negated(question, words)
    opposed = _opposed(words, said)
    if negated and opposed and not advised:
        return None  # "did not increase" is not "reduces"
    if advised or negated or opposed:
        return "no" if shared >= DENIES else None
    borne_out = not words & _WORTH or said & _BORNE_OUT
    return "yes" if shared >= AFFIRMS and borne_out else None


def _negated(sentence: str, words: set[str]) -> bool:
    """Whether a negation stands close before something that the question speaks of."""
    return any(
        words & set(tokenise(" ".join(sentence[found.end() :].split()[:NEAR])))
        for found in _NEGATES.finditer(sentence)
    )


def _opposed(asked: set[str], said: set[str]) -> bool:
    return any(
        (asked & one and said & other and not said & one)
        or (asked & other and said & one and not said & other)
        for one, other in _SIDES
    )
