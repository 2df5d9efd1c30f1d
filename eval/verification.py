"""How well the verifier tells what a passage supports.

Corruptions: `check`, as the product runs it, on sentences made wrong and on untouched ones. A corrupted
sentence is detected, and an untouched one falsely alarmed, when its verdict is unsupported or contradicted.
Wilson's 95 % intervals (J. Am. Stat. Assoc. 1927).

Claims (SciFact's form): its verdict and score for a claim and its abstract. AUC is the chance that a
supported claim scores above one that is not, ties half (Mann-Whitney), with a bootstrap interval; F1 is that
of the verdict `supported`, and each label is also counted against the verdict that would be its own.
"""

import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from assistant.errors import FormatError, InputError
from assistant.types import Sentence, Verdict
from eval.corruptions import UNTOUCHED, Case
from eval.data import lines
from eval.verifier import Check, evidence

Judge = Callable[[str, Sequence[str]], tuple[Verdict, float]]  # claim, passages -> verdict, score in 0..1
Progress = Callable[[str, int, int], None]

FLAGGED: frozenset[Verdict] = frozenset({"unsupported", "contradicted"})
OWN: Mapping[str, Verdict] = {
    "SUPPORT": "supported",
    "CONTRADICT": "contradicted",
    "NOT_ENOUGH_INFO": "unsupported",
}
RESAMPLES = 1_000
_EXAMPLES = 3  # misses and false alarms kept, of each kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """`hits` of `n`; for a kind of corruption the detected ones, for untouched sentences the false alarms."""

    kind: str
    variant: str  # "" for the whole kind
    source: str  # "" for all
    n: int
    hits: int
    ci95: tuple[float, float]

    @property
    def share(self) -> float:
        return self.hits / self.n if self.n else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A corruption that was missed, or an untouched sentence that was flagged."""

    kind: str
    variant: str
    source: str
    text: str
    original: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrupted:
    cases: int
    untouched: int
    detected: Rate
    false_alarms: Rate
    rates: tuple[Rate, ...]  # by kind; then by kind and variant, and by kind and source
    examples: tuple[Example, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    label: str
    n: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """`auc`: supported against the rest; `auc_by_label`: against one other label each."""

    file: str
    n: int
    auc: float
    auc_ci95: tuple[float, float]
    auc_by_label: Mapping[str, float]
    f1: float  # of the verdict `supported`
    precision: float
    recall: float
    classes: tuple[Class, ...]
    confusion: Mapping[str, Mapping[str, int]]  # label -> verdict -> claims
    skipped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Labelled:
    claim: str
    label: str
    passages: tuple[str, ...]


def corruptions(cases: Sequence[Case], check: Check, progress: Progress = lambda s, d, t: None) -> Corrupted:
    """Each case judged once. Raises what `check` raises."""
    flagged: list[bool] = []
    examples: list[Example] = []
    shown: Counter[tuple[str, str]] = Counter()
    for done, case in enumerate(cases):
        progress("corruptions", done, len(cases))
        judged = check(Sentence(text=case.text, citations=case.citations), evidence(case.passages))
        flagged.append(judged.verdict in FLAGGED)
        key = (case.kind, case.variant)
        if flagged[-1] == (case.kind == UNTOUCHED) and shown[key] < _EXAMPLES:
            shown[key] += 1
            examples.append(
                Example(
                    kind=case.kind,
                    variant=case.variant,
                    source=case.source,
                    text=case.text,
                    original=case.original,
                    reasons=judged.reasons,
                )
            )
    progress("corruptions", len(cases), len(cases))
    made = [(c, f) for c, f in zip(cases, flagged, strict=True) if c.kind != UNTOUCHED]
    left = [(c, f) for c, f in zip(cases, flagged, strict=True) if c.kind == UNTOUCHED]
    return Corrupted(
        cases=len(made),
        untouched=len(left),
        detected=_rate("all corruptions", made),
        false_alarms=_rate(UNTOUCHED, left),
        rates=tuple(_rates(made + left)),
        examples=tuple(examples),
    )


def claims(
    labelled: Sequence[Labelled], judge: Judge, *, file: str, skipped: Sequence[str] = (),
    progress: Progress = lambda s, d, t: None,
) -> Claims:  # fmt: skip
    """Raises InputError when there is no supported claim or no other one."""
    verdicts: list[Verdict] = []
    scores: list[float] = []
    for done, one in enumerate(labelled):
        progress("claims", done, len(labelled))
        verdict, score = judge(one.claim, one.passages)
        verdicts.append(verdict)
        scores.append(score)
    progress("claims", len(labelled), len(labelled))
    labels = [one.label for one in labelled]
    by_label = {label: [s for s, own in zip(scores, labels, strict=True) if own == label] for label in OWN}
    positive = by_label["SUPPORT"]
    negative = [s for label, found in by_label.items() if label != "SUPPORT" for s in found]
    if not positive or not negative:
        raise InputError(f"{file}: to measure, claims are needed that are supported and ones that are not")
    confusion: dict[str, dict[str, int]] = {
        label: dict(Counter(v for v, own in zip(verdicts, labels, strict=True) if own == label))
        for label in OWN
    }
    classes = tuple(_class(label, confusion) for label in OWN)
    return Claims(
        file=file,
        n=len(labelled),
        auc=auc(positive, negative),
        auc_ci95=auc_interval(positive, negative),
        auc_by_label={label: auc(positive, s) for label, s in by_label.items() if label != "SUPPORT" and s},
        f1=classes[0].f1,
        precision=classes[0].precision,
        recall=classes[0].recall,
        classes=classes,
        confusion=confusion,
        skipped=tuple(skipped),
    )


def load_claims(path: Path) -> tuple[list[Labelled], list[str]]:
    """Claims of a JSON-lines file {claim, label, sentences}, and the lines that are none.

    Raises InputError when it cannot be read, FormatError when no line is such a claim.
    """
    found: list[Labelled] = []
    skipped: list[str] = []
    for number, line in lines(path):
        try:
            record = json.loads(line)
            claim, label, text = str(record["claim"]), record["label"], [str(s) for s in record["sentences"]]
            if label not in OWN or not claim.strip() or not text:
                raise ValueError(f"label {label!r} is none of {', '.join(OWN)}, or a text is empty")
        except (ValueError, KeyError, TypeError) as error:
            reason = f"no {error}" if isinstance(error, KeyError) else str(error)
            skipped.append(f"{path} line {number}: {reason}")
            continue
        found.append(Labelled(claim, label, (" ".join(text),)))
    if not found:
        raise FormatError(f'{path}: no line is a claim; lines are {{"claim", "label", "sentences"}}')
    return found, skipped


def wilson(hits: int, n: int) -> tuple[float, float]:
    """The 95 % score interval of a share; (0, 1) of nothing."""
    if not n:
        return 0.0, 1.0
    z = 1.959963984540054
    share, scale = hits / n, 1 + z * z / n
    middle = (share + z * z / (2 * n)) / scale
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / scale
    return max(0.0, middle - half), min(1.0, middle + half)


def auc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """The chance that one of the first is above one of the second; a tie counts half."""
    ordered = np.sort(np.asarray(negative, dtype=np.float64))
    below = np.searchsorted(ordered, positive, side="left")
    not_above = np.searchsorted(ordered, positive, side="right")
    return float((below + not_above).sum() / (2 * len(positive) * len(negative)))


def auc_interval(positive: Sequence[float], negative: Sequence[float], seed: int = 0) -> tuple[float, float]:
    """Percentile bootstrap, the two groups drawn apart."""
    random = np.random.default_rng(seed)
    up, down = np.asarray(positive, dtype=np.float64), np.asarray(negative, dtype=np.float64)
    drawn = [
        auc(random.choice(up, len(up)).tolist(), random.choice(down, len(down)).tolist())
        for _ in range(RESAMPLES)
    ]
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)


def _rates(judged: Sequence[tuple[Case, bool]]) -> Iterator[Rate]:
    for kind in dict.fromkeys(c.kind for c, _ in judged):
        of_kind = [(c, f) for c, f in judged if c.kind == kind]
        yield _rate(kind, of_kind)
        variants = sorted({c.variant for c, _ in of_kind} - {""})
        for variant in variants:
            yield _rate(kind, [(c, f) for c, f in of_kind if c.variant == variant], variant=variant)
        for source in sorted({c.source for c, _ in of_kind}):
            yield _rate(kind, [(c, f) for c, f in of_kind if c.source == source], source=source)


def _rate(kind: str, judged: Iterable[tuple[Case, bool]], *, variant: str = "", source: str = "") -> Rate:
    flags = [flag for _, flag in judged]
    return Rate(
        kind=kind,
        variant=variant,
        source=source,
        n=len(flags),
        hits=sum(flags),
        ci95=wilson(sum(flags), len(flags)),
    )


def _class(label: str, confusion: Mapping[str, Mapping[str, int]]) -> Class:
    verdict = OWN[label]
    right = confusion[label].get(verdict, 0)
    said = sum(row.get(verdict, 0) for row in confusion.values())
    there = sum(confusion[label].values())
    precision, recall = right / said if said else 0.0, right / there if there else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return Class(label=label, n=there, precision=precision, recall=recall, f1=f1)
