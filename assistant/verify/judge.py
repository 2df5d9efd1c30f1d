"""One sentence against the passages it cites -> verdict, score and reasons."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.types import Evidence, Sentence, Verdict
from assistant.verify.finding import Finding, matches, no
from assistant.verify.names import check_names, check_populations
from assistant.verify.numbers import check_numbers
from assistant.verify.polarity import check_direction, check_hedges, check_negation
from assistant.verify.reading import Reading, Statement, fold, read, same
from assistant.verify.wording import check_wording

THRESHOLD = 0.5  # score from which a sentence without a finding is supported
LONGEST = 20_000  # characters of a passage, and 4,000 of a claim, that are read

MOST = 100  # numbers in one sentence that are compared; with more of them it is a table, and unsupported

Support = Callable[[str, Sequence[str]], float]
Second = Callable[[str, Sequence[str]], str]

_QUOTED = re.compile(r'"([^"\s]+\s[^"]+)"')  # one word in quotes is a name, no quotation
_ANSWER = re.compile(r"^\s*(?:yes|no)\s*[,:.;-]\s*", re.IGNORECASE)  # the answer's form, not a statement's
_ENDS = frozenset(".!?;:\n•·|)]\"'")


@dataclass(frozen=True, slots=True)
class Judgement:
    """`score`: 0..1, how well the passages support the claim; with a finding it is below THRESHOLD."""

    verdict: Verdict
    score: float
    reasons: tuple[str, ...] = ()


def judge(
    claim: str, passages: Sequence[str], support: Support | None = None, second: Second | None = None
) -> Judgement:
    """Whether the passages together support the claim; it is never reworded.

    supported: nothing speaks against it. unsupported: something in it is not in the passages. contradicted:
    the passages say otherwise. `support` gives the probability, 0..1, that passages support a claim; without
    it the share of the claim's words counts alone. `second` is a further judge: the flag that it returns
    ("" for none) is added, and nothing it says takes one away.
    """
    claim, passages = claim[:4000], [p[:LONGEST] for p in passages]
    flag = second(claim, passages) if second is not None else ""
    extra = [Finding("unsupported", flag)] if flag else []
    if any(verbatim(claim, passage) for passage in passages):
        return _judgement(1.0, extra)
    claim = _ANSWER.sub("", claim)
    readings = [r for p in passages if (r := read(p)).statements]
    statements = [s for s in read(claim).statements if s.content]
    if not readings:
        return Judgement("unsupported", 0.0, ("there is no passage to support it",))
    if any(len(s.quantities) > MOST for s in statements):
        return Judgement("unsupported", 0.0, (f"it has more than {MOST} numbers and was not checked",))
    if not statements:
        return Judgement("unsupported", 0.0, ("it says nothing that can be checked",))
    score = min(coverage(s, readings) for s in statements)
    if support is not None:
        score = (score + min(1.0, max(0.0, support(claim, passages)))) / 2
    findings = [*_quotations(claim, readings), *(f for s in statements for f in _findings(s, readings))]
    if not findings and score < THRESHOLD:
        findings = [Finding("unsupported", _unrelated(statements, readings))]
    return _judgement(score, [*findings, *extra])


def check(sentence: Sentence, evidence: Sequence[Evidence], support: Support | None = None) -> Sentence:
    """The sentence with its verdict against the evidence that it cites, and the reasons.

    A citation of evidence that was not retrieved makes it unsupported, even when another one is right.
    """
    passages = {item.n: item.hit.chunk.text for item in evidence}
    reasons = [f"[{n}] is not among the evidence" for n in sentence.citations if n not in passages]
    if not sentence.citations:
        reasons.append("it cites nothing")
    cited = [passages[n] for n in dict.fromkeys(sentence.citations) if n in passages]
    judged = judge(sentence.text, cited, support) if cited else Judgement("unsupported", 0.0)
    verdict = "unsupported" if reasons and judged.verdict == "supported" else judged.verdict
    return replace(sentence, verdict=verdict, reasons=(*reasons, *judged.reasons))


def verbatim(claim: str, passage: str) -> bool:
    """Whether the claim is, letter by letter, one or more whole sentences of the passage."""
    claim = claim.strip()
    at = passage.find(claim) if claim else -1
    while at >= 0:
        before, after = passage[:at].rstrip(" \t"), passage[at + len(claim) :].lstrip(" \t")
        opens = not before or before[-1] in _ENDS or passage[at - 1 : at] == "\n"
        if opens and (not after or after[0] in _ENDS or claim[-1] in ".!?"):
            return True
        at = passage.find(claim, at + 1)
    return False


def coverage(claim: Statement, passages: Sequence[Reading]) -> float:
    """Share of the claim's words, by weight, that the passages have: together, and in their best sentence."""
    weights = claim.weights
    whole = sum(weights.values())
    if not whole:
        return 1.0
    union = frozenset().union(*(r.concepts for r in passages))
    together = sum(w for name, w in weights.items() if name in union) / whole
    best = matches(claim, passages)[0].likeness
    return 0.7 * together + 0.3 * best


def _findings(claim: Statement, passages: Sequence[Reading]) -> Iterator[Finding]:
    ranked = matches(claim, passages)
    yield from check_numbers(claim, passages)
    yield from check_names(claim, passages)
    yield from check_populations(claim, ranked, passages)
    yield from check_direction(claim, passages)
    yield from check_negation(claim, ranked, passages)
    yield from check_hedges(claim, ranked, passages)
    yield from check_wording(claim, ranked, passages)


def _quotations(claim: str, passages: Sequence[Reading]) -> Iterator[Finding]:
    for quoted in _QUOTED.findall(fold(claim)):
        words = " ".join(quoted.split()).rstrip(".,;")
        if not any(words in " ".join(r.text.split()) for r in passages):
            yield Finding("unsupported", f"the quotation “{quoted}” is {no(passages)}")


def _unrelated(statements: Sequence[Statement], passages: Sequence[Reading]) -> str:
    union = frozenset().union(*(r.concepts for r in passages))
    absent = dict.fromkeys(
        s.tokens[i].text
        for s in statements
        for i in s.content
        if s.tokens[i].stem != "#" and same(s.tokens[i].stem) not in union
    )
    return (
        f"{no(passages)}: {', '.join(list(absent)[:5])}"
        if absent
        else "its words stand apart in the passages"
    )


def _judgement(score: float, findings: Sequence[Finding]) -> Judgement:
    reasons = tuple(dict.fromkeys(f.reason for f in findings))
    if not findings:
        return Judgement("supported", round(score, 3))
    verdict: Verdict = "contradicted" if any(f.verdict == "contradicted" for f in findings) else "unsupported"
    return Judgement(verdict, round(0.98 * THRESHOLD * score / len(reasons), 3), reasons)
