"""What becomes of a writer's sentences: checked, waited for, withheld, completed."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest

from assistant.compose import Check, Composed, compose, merged, repeated
from assistant.config import Settings
from assistant.errors import EgressBlocked
from assistant.generate.base import Account, FirstSentence, Generator, Stream
from assistant.generate.judge import DOUBT, Judge
from assistant.generate.llm import LLMGenerator
from assistant.generate.service import ChatService, Limits
from assistant.types import Egress, Evidence, Sentence, Usage
from assistant.verify import check
from tests.build import evidence
from tests.local_service import Talking, streams, talking
from tests.misbehaving import MISBEHAVIOURS, quotes

SOURCES = evidence(
    "Drug A 5 mg once daily lowered blood pressure by 6 mmHg in 120 adults. Headache was rare.",
    "Stopping drug A for 3 days before surgery was safe in 80 adults.",
    "Drug B 10 mg twice daily reduced migraine days by 40% compared with placebo.",
)


def by_letter(sentence: Sentence, sources: Sequence[Evidence]) -> Sentence:
    """Supported when it stands in a cited source to the letter."""
    cited = [e.hit.chunk.text for e in sources if e.n in sentence.citations]
    good = any(sentence.text in text for text in cited)
    return replace(sentence, verdict="supported" if good else "unsupported", reasons=() if good else ("no",))


class Scripted(Generator):
    name = "scripted"

    def __init__(self, *items: Sentence | Account | None, fallback: Generator | None = None) -> None:
        self.items, self.fallback, self.closed = items, fallback, False

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Sentence]:
        return (i for i in self.items if isinstance(i, Sentence))

    def stream(self, question: str, evidence: Sequence[Evidence]) -> Stream:
        try:
            yield from self.items
            if not any(isinstance(i, Account) for i in self.items):
                yield Account()
        finally:
            self.closed = True


GOOD = Sentence(text="Headache was rare.", citations=(1,))
BAD = Sentence(text="Everybody was cured.", citations=(2,))
BACK = FirstSentence()
BACK_TEXT = SOURCES[0].hit.chunk.text


def composed(writer: Generator, check: Check = by_letter, **more: Any) -> tuple[list[Sentence], Composed]:
    *items, done = [i for i in compose("q", SOURCES, writer, check, **more) if i is not None]
    assert isinstance(done, Composed)
    assert all(isinstance(i, Sentence) for i in items)
    return items, done  # type: ignore[return-value]


def texts(found: Sequence[Sentence]) -> list[str]:
    return [s.text for s in found]


def test_a_whole_answer_is_left_alone() -> None:
    found, done = composed(Scripted(GOOD, fallback=BACK))
    assert texts(found) == [GOOD.text]
    assert done == Composed(account=Account())


def test_unsupported_sentences_are_flagged_in_place() -> None:
    found, done = composed(Scripted(BAD, GOOD, replace(BAD, text="More."), fallback=BACK))
    assert [(s.text, s.verdict) for s in found] == [
        (BAD.text, "unsupported"),
        (GOOD.text, "supported"),
        ("More.", "unsupported"),
    ]
    assert done.account.degraded == ()


def test_withheld_they_are_counted_with_their_reasons() -> None:
    found, done = composed(Scripted(BAD, GOOD, replace(BAD, text="More."), fallback=BACK), withhold=True)
    assert texts(found) == [GOOD.text]
    assert done.note == "Withheld, since not supported: 2 sentences (no)."


def test_none_supported_and_the_fallback_answers() -> None:
    found, done = composed(Scripted(BAD, replace(BAD, text="More."), fallback=BACK))
    assert texts(found) == [BACK_TEXT]
    (line,) = done.account.degraded
    assert line.startswith("The language model wrote 2 sentences, none supported by the sources")


def test_a_writer_without_fallback_shows_what_it_has() -> None:
    found, _ = composed(Scripted(BAD))
    assert [s.verdict for s in found] == ["unsupported"]


@pytest.mark.parametrize(
    ("before", "shown", "said"),
    [
        ((GOOD,), [GOOD.text, BACK_TEXT], "the rest is quoted from the sources"),
        ((), [BACK_TEXT], "the answer is quoted from the sources"),
        ((BAD,), [BACK_TEXT], "1 sentence of it, not supported by the sources, not shown"),
    ],
)
def test_broken_off_and_completed(before: tuple[Sentence, ...], shown: list[str], said: str) -> None:
    found, done = composed(Scripted(*before, Account(broke="it hung up"), fallback=BACK))
    assert texts(found) == shown
    (line,) = done.account.degraded
    assert "did not finish (it hung up)" in line
    assert said in line


def test_what_was_told_is_not_quoted_again() -> None:
    told = Sentence(text=BACK_TEXT, citations=(1,))
    found, _ = composed(Scripted(told, Account(broke="it hung up"), fallback=BACK))
    assert texts(found) == [BACK_TEXT]
    other = replace(told, text=BACK_TEXT.replace("5 mg", "10 mg"))
    assert repeated(told, [replace(told, verdict="supported")])
    assert not repeated(other, [replace(told, verdict="supported")])
    assert not repeated(told, [replace(told, verdict="unsupported")])


def test_no_answer_in_the_sources_is_no_failure() -> None:
    found, done = composed(Scripted(Account(declined=True), fallback=BACK))
    assert found == []
    assert done.account.declined


def test_an_invented_citation_is_named_and_never_shown_as_one() -> None:
    found, _ = composed(Scripted(replace(GOOD, citations=(1, 9)), GOOD))
    assert found[0].citations == (1,)
    assert found[0].verdict == "unsupported"
    assert "it cites 9, which is not among the evidence" in found[0].reasons


def test_closing_it_closes_the_writer() -> None:
    writer = Scripted(None, GOOD)
    items = compose("q", SOURCES, writer, by_letter)
    assert next(items) is None
    items.close()
    assert writer.closed


def test_accounts_add_up() -> None:
    one = Account(broke="a", degraded=("x",), egress=(Egress(service="llm", what="q"),), usage=Usage(calls=1))
    two = Account(declined=True, degraded=("x", "y"), notes=("n",), egress=one.egress, usage=Usage(calls=2))
    assert merged([one, two]) == Account(
        broke="a", degraded=("x", "y"), notes=("n",), egress=one.egress, usage=Usage(calls=3)
    )
    assert merged([]) == Account()


# With a service and the real verification


def allowed(server: Talking) -> Settings:
    return Settings(egress=("llm",), llm_url=f"{server.url}/v1", llm_model="house-1")


def opened(given: Sequence[str]) -> None:
    """The gate that lets everything pass."""


LIMITS = Limits(connect=2, silence=2, total=5, characters=20_000)


@pytest.mark.parametrize("withhold", [False, True])
@pytest.mark.parametrize("how", MISBEHAVIOURS)
def test_a_model_that_misbehaves(how: str, withhold: bool) -> None:
    with talking(MISBEHAVIOURS[how]) as server:
        writer = LLMGenerator(allowed(server), BACK, opened, limits=LIMITS, pause=0.001)
        found, done = composed(writer, check, withhold=withhold)
    known = {e.n: e.hit.chunk.text for e in SOURCES}
    assert found
    assert any(s.verdict == "supported" for s in found)
    for sentence in found:
        assert set(sentence.citations) <= set(known)
        assert sentence.verdict in ("supported", "unsupported", "contradicted")
        if sentence.verdict == "supported":
            assert any(sentence.text in known[n] for n in sentence.citations)
        else:
            assert sentence.reasons
            assert not withhold
    good = how == "streams one byte at a time"
    assert bool(done.account.degraded or done.note or any(s.reasons for s in found)) != good
    assert [e.service for e in done.account.egress] == ["llm"]


def test_the_scripts_see_what_was_sent() -> None:
    assert quotes({2: {"text": "One is so. Two is not."}}) == [("One is so.", 2)]


# The judge


def judged(reply: str, sentence: Sentence, gate: Any = opened) -> tuple[Sentence, Account, Talking]:
    with talking(streams(reply)) as server:
        read = Judge(ChatService(allowed(server), LIMITS, 0.001), gate).read(sentence, SOURCES)
        found, account = [i for i in read if i is not None]
    assert isinstance(found, Sentence)
    assert isinstance(account, Account)
    return found, account, server


SUPPORTED = replace(GOOD, verdict="supported")


@pytest.mark.parametrize(
    ("reply", "verdict", "unread"),
    [
        ("YES", "supported", False),
        ("no.", "unsupported", False),
        ("maybe", "supported", True),
        ("", "supported", True),
    ],
)
def test_the_judge_may_add_a_flag(reply: str, verdict: str, unread: bool) -> None:
    found, account, _ = judged(reply, SUPPORTED)
    assert found.verdict == verdict
    assert (DOUBT in found.reasons) == (verdict == "unsupported")
    assert bool(account.degraded) == unread
    assert [e.what for e in account.egress] == ["a sentence and 1 passages (to an address of this machine)"]


@pytest.mark.parametrize("verdict", ["unsupported", "contradicted", "unchecked"])
def test_the_judge_never_removes_one(verdict: Any) -> None:
    flagged = replace(GOOD, verdict=verdict, reasons=("a number",))
    found, account, server = judged("YES", flagged)
    assert found == flagged
    assert (account, server.asked) == (Account(), [])


def test_the_judge_is_behind_the_gate() -> None:
    def gate(given: Sequence[str]) -> None:
        raise EgressBlocked("a name")

    found, account, server = judged("NO", SUPPORTED, gate)
    assert (found, server.asked) == (SUPPORTED, [])
    assert "may not be sent" in account.degraded[0]
