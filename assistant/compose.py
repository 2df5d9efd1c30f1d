"""A writer's sentences -> checked sentences, with what became of those that their sources do not support."""

from collections import abc
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

from assistant.generate.base import Account, Generator
from assistant.generate.judge import Judge
from assistant.index.bm25 import tokenise
from assistant.types import Evidence, Sentence
from rerankers import prices

REPEATS = 0.7  # share of its words that was told already, from which a sentence adds too little
SHOWN_REASONS = 4

Check = Callable[[Sentence, Sequence[Evidence]], Sentence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Composed:
    """The end of `compose`: who wrote, what to tell the reader, and the sum of the accounts."""

    account: Account
    note: str = ""


def compose(
    question: str,
    evidence: Sequence[Evidence],
    writer: Generator,
    check: Check,
    judge: Judge | None = None,
    *,
    withhold: bool = False,
) -> abc.Generator[Sentence | Composed | None, None, None]:
    """Checked sentences in order, None while nothing is ready, and at the end a Composed.

    Where the writer has a fallback: unsupported sentences wait for the first supported one, and when none
    comes, or the writer breaks off, the fallback goes on from what was told. `withhold`: unsupported
    sentences are left out and counted. Nothing that was yielded is taken back.
    """
    told: list[Sentence] = []
    waiting: list[Sentence] = []
    withheld: list[Sentence] = []
    accounts: list[Account] = []  # the writer's first, then the fallback's
    readings: list[Account] = []

    def checked(by: Generator) -> Iterator[Sentence | None]:
        with closing(by.stream(question, evidence)) as items:
            for item in items:
                if isinstance(item, Account):
                    accounts.append(item)
                elif item is None:
                    yield None
                elif by is writer or not repeated(item, told):
                    sentence = cited_only(item, check(item, evidence), evidence)
                    for read in (sentence,) if judge is None else judge.read(sentence, evidence):
                        if isinstance(read, Account):
                            readings.append(read)
                        else:
                            yield read

    def passed(by: Generator) -> Iterator[Sentence | None]:
        for sentence in checked(by):
            if sentence is None:
                yield None
            elif sentence.verdict != "supported" and withhold:
                withheld.append(sentence)
            elif sentence.verdict != "supported" and by.fallback is not None and not told:
                waiting.append(sentence)
            else:
                for ready in (*waiting, sentence):
                    told.append(ready)
                    yield ready
                waiting.clear()

    yield from passed(writer)
    degraded = []
    if writer.fallback is not None and accounts and (why := undone(accounts[0], told, waiting, withheld)):
        degraded = [why]
        waiting.clear()
        yield from passed(writer.fallback)
    total = merged([*accounts, *readings])
    yield Composed(
        account=replace(total, degraded=(*degraded, *total.degraded)),
        note=withholding(withheld) if withhold else "",
    )


def cited_only(written: Sentence, checked: Sentence, evidence: Sequence[Evidence]) -> Sentence:
    """The checked sentence with the citations that exist; one that was invented is named in its reasons,
    and the sentence is not supported, whatever else it cites (C4)."""
    known = {item.n for item in evidence}
    invented = [n for n in written.citations if n not in known]
    if not invented:
        return checked
    names = ", ".join(str(n) for n in invented)
    reason = f"it cites {names}, which {'is' if len(invented) == 1 else 'are'} not among the evidence"
    return replace(
        checked,
        citations=tuple(n for n in checked.citations if n in known),
        verdict="unsupported" if checked.verdict in ("supported", "unchecked") else checked.verdict,
        reasons=tuple(dict.fromkeys((*checked.reasons, reason))),
    )


def repeated(new: Sentence, told: Sequence[Sentence]) -> bool:
    """Whether a supported sentence that was told has its numbers and most of its words."""
    words = set(tokenise(new.text))
    numbers = {word for word in words if word[0].isdigit()}
    for sentence in told:
        known = set(tokenise(sentence.text))
        if (
            sentence.verdict == "supported"
            and numbers <= known
            and len(words & known) >= REPEATS * len(words)
        ):
            return True
    return False


def undone(
    account: Account, told: Sequence[Sentence], waiting: Sequence[Sentence], withheld: Sequence[Sentence]
) -> str:
    """Why the fallback has to go on, for the reader; "" when it has not."""
    unsupported = len(waiting) + len(withheld)
    if account.broke:
        rest = "the rest is quoted" if told else "the answer is quoted"
        left = f"; {count(waiting)} of it, not supported by the sources, not shown" if waiting else ""
        return f"The language model did not finish ({account.broke}); {rest} from the sources{left}"
    if unsupported and not told:
        return (
            f"The language model wrote {unsupported} {'sentence' if unsupported == 1 else 'sentences'}, none "
            "supported by the sources; not shown, and the answer is quoted from the sources"
        )
    return ""


def count(some: Sequence[Sentence]) -> str:
    return f"{len(some)} {'sentence' if len(some) == 1 else 'sentences'}"


def withholding(withheld: Sequence[Sentence]) -> str:
    """How many sentences were left out, and why."""
    if not withheld:
        return ""
    reasons = list(dict.fromkeys(reason for sentence in withheld for reason in sentence.reasons))
    more = f"; and {len(reasons) - SHOWN_REASONS} more" if len(reasons) > SHOWN_REASONS else ""
    return f"Withheld, since not supported: {count(withheld)} ({'; '.join(reasons[:SHOWN_REASONS])}{more})."


def merged(accounts: Sequence[Account]) -> Account:
    """Their sum; each remark and each kind of egress once. Declined when the first one did."""
    return Account(
        broke=next((a.broke for a in accounts if a.broke), ""),
        declined=bool(accounts) and accounts[0].declined,
        degraded=tuple(dict.fromkeys(line for a in accounts for line in a.degraded)),
        notes=tuple(dict.fromkeys(line for a in accounts for line in a.notes)),
        egress=tuple(dict.fromkeys(e for a in accounts for e in a.egress)),
        usage=prices.total(a.usage for a in accounts),
    )
