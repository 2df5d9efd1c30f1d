"""Sentences that a passage supports, by a criterion of words that everybody can check.

A claim is a sentence of at least six tokens with one passage of its evidence that it cites. It is

* `verbatim` when its tokens stand there in one row;
* `near` when every content word stands in one sentence of the passage, and 90 % of all its tokens in the same
  order;
* `covered` when every content word stands there, in any order.

For the last two every amount stands there with its unit, and the negations are as many on both sides. What
meets none of these is not used: whether its passage supports it is a matter of reading, not of words.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from assistant.text import sentences
from eval.corruptions.quantities import amounts
from eval.corruptions.terms import NEGATIONS, STOP

Source = Literal["answer", "snippet", "sample"]
Tier = Literal["verbatim", "near", "covered"]

EVIDENCE = 8  # passages beside a claim, at most
_LEAST, _LONGEST = 6, 70  # tokens of a claim
_NEAR = 0.90


@dataclass(frozen=True, slots=True)
class Passage:
    title: str
    text: str

    @property
    def whole(self) -> str:
        return f"{self.title}\n{self.text}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """`passages[cited - 1]` supports `text`. `group`: the question or the note that it belongs to."""

    key: str
    group: str
    text: str
    source: Source
    tier: Tier
    passages: tuple[Passage, ...]
    cited: int

    @property
    def passage(self) -> Passage:
        return self.passages[self.cited - 1]


def from_answers(
    ideals: Mapping[str, Sequence[str]], evidence: Mapping[str, Sequence[Passage]]
) -> Iterator[Claim]:
    """Sentences of reference answers that a passage of their question supports; each once a question."""
    for question, answers in ideals.items():
        passages = tuple(evidence.get(question, ()))[:EVIDENCE]
        seen: set[tuple[str, ...]] = set()
        for text in (sentence for answer in answers for sentence in _sentences(answer)):
            if (words := tuple(tokens(text))) in seen:
                continue
            seen.add(words)
            found = [
                (tier, n)
                for n, p in enumerate(passages, start=1)
                if (tier := support(text, p.text)) is not None
            ]
            if found:
                tier, cited = min(found, key=lambda f: _TIERS.index(f[0]))
                yield Claim(
                    key=f"{question}:{len(seen)}",
                    group=question,
                    text=text,
                    source="answer",
                    tier=tier,
                    passages=passages,
                    cited=cited,
                )


def from_snippets(evidence: Mapping[str, Sequence[Passage]]) -> Iterator[Claim]:
    """The passages' own sentences, as an extractive answer quotes them."""
    for question, given in evidence.items():
        passages = tuple(given)[:EVIDENCE]
        for cited, passage in enumerate(passages, start=1):
            yield from _own(f"{question}:{cited}", question, passages, cited, passage, "snippet")


def from_notes(notes: Sequence[tuple[str, str, Passage]]) -> Iterator[Claim]:
    """Sentences of (id, topic, note), with three other notes of the topic as further evidence."""
    for i, (name, topic, note) in enumerate(notes):
        others = [p for key, t, p in (*notes[i + 1 :], *notes[:i]) if t == topic and key != name][:3]
        yield from _own(name, name, (note, *others), 1, note, "sample")


def support(claim: str, passage: str) -> Tier | None:
    """How the passage has the claim; None when it does not, by the criterion above."""
    words, theirs = tokens(claim), tokens(passage)
    if any(theirs[i : i + len(words)] == words for i in range(len(theirs) - len(words) + 1)):
        return "verbatim"
    own = content(words)
    if not own or not own <= set(theirs):
        return None
    doses = amounts(claim)
    tier: Tier | None = None
    for a, b in sentences(passage):
        there = tokens(passage[a:b])
        if own <= set(there) and doses <= amounts(passage[a:b]) and _negated(words) == _negated(there):
            if common(words, there) >= _NEAR * len(words):
                return "near"
            tier = "covered"
    return tier


def tokens(text: str) -> list[str]:
    """Lower-case words and numbers, and the signs that carry meaning."""
    return re.findall(r"\d+(?:[.,]\d+)*|[^\W\d_]+|[<>≤≥=%+]", text.lower())


def content(words: Iterable[str]) -> set[str]:
    return {word for word in words if word not in STOP and (len(word) > 1 or word.isdigit())}


def common(a: Sequence[str], b: Sequence[str]) -> int:
    """The length of the longest common subsequence."""
    row = [0] * (len(b) + 1)
    for word in a:
        corner = 0
        for j, other in enumerate(b, start=1):
            corner, row[j] = row[j], corner + 1 if word == other else max(row[j], row[j - 1])
    return row[-1]


_TIERS: tuple[Tier, ...] = ("verbatim", "near", "covered")


def _negated(words: Iterable[str]) -> int:
    return sum(word in NEGATIONS for word in words)


def _own(
    key: str, group: str, passages: tuple[Passage, ...], cited: int, passage: Passage, source: Source
) -> Iterator[Claim]:
    for i, text in enumerate(_sentences(passage.text)):
        yield Claim(
            key=f"{key}:{i}",
            group=group,
            text=text,
            source=source,
            tier="verbatim",
            passages=passages,
            cited=cited,
        )


def _sentences(text: str) -> Iterator[str]:
    for a, b in sentences(text):
        sentence = text[a:b]
        if (
            "\n" not in sentence
            and _LEAST <= len(tokens(sentence)) <= _LONGEST
            and not sentence.endswith("?")
        ):
            yield sentence
