"""An answer written by a language model behind an OpenAI-compatible service, where the settings allow it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing

from assistant.config import Settings
from assistant.errors import EgressBlocked
from assistant.generate import cited, prompts
from assistant.generate.base import Account, Generator, Stream
from assistant.generate.service import ChatService, Limits, Outcome
from assistant.privacy import SPOKEN
from assistant.types import Evidence, Sentence

LONGEST_ANSWER = 900  # tokens
MOST = 2 * prompts.MOST_SENTENCES  # sentences that are read; the model was told half of it

Gate = Callable[[Sequence[str]], None]  # raises EgressBlocked when one of the texts must not leave


class LLMGenerator(Generator):
    """Reads the sentences as they come; `fallback` completes what stays undone.

    No evidence, no call. `gate` sees question and passages before the call: a question that must not leave
    raises EgressBlocked, a passage is not sent. Raises EgressRefused when it is made without leave. A service
    that fails is told in the Account.
    """

    name = "llm"

    def __init__(
        self,
        settings: Settings,
        fallback: Generator,
        gate: Gate,
        *,
        limits: Limits | None = None,
        pause: float = 0.5,
    ) -> None:
        self.service = ChatService(settings, limits, pause)
        self.version = f"{self.service.model}, prompts {prompts.VERSION}"
        self.fallback = fallback
        self._gate = gate

    def write(self, question: str, evidence: Sequence[Evidence]) -> Iterator[Sentence]:
        return (item for item in self.stream(question, evidence) if isinstance(item, Sentence))

    def stream(self, question: str, evidence: Sequence[Evidence]) -> Stream:
        if not evidence:
            yield Account()
            return
        self._gate([question])
        sent, kept = self._sorted(evidence)
        if not sent:
            yield Account(broke=f"no passage may be sent: {kept}")
            return
        reader, told, declined, broke = cited.Reader(), set[str](), False, ""
        outcome = Outcome(calls=1, sent=True)  # stays, where the reading is ended here
        with closing(self.service.stream(prompts.answer(question, sent), LONGEST_ANSWER)) as pieces:
            for piece in pieces:
                if piece is None:
                    yield None
                    continue
                if isinstance(piece, Outcome):
                    outcome = piece
                    broke = ending(piece)
                    ready = reader.end(whole=not broke)
                else:
                    ready = reader.feed(piece)
                for sentence in ready:
                    if sentence.text.strip(".!'\"` ") == prompts.NONE:
                        declined = True
                        continue
                    if sentence.text in told or len(told) == MOST:
                        broke = "it repeated itself" if sentence.text in told else "it wrote without an end"
                        break
                    told.add(sentence.text)
                    yield sentence
                if broke:
                    break
        if not broke and not told and not declined:
            broke = "it wrote nothing"
        egress, usage = self.service.bill(outcome, f"the question and {len(sent)} passages")
        yield Account(
            broke=broke,
            declined=declined and not told,
            degraded=(
                *((f"Not sent to the language model: {kept}",) if kept else ()),
                *left_out(reader, sent),
            ),
            notes=(f"The model's reasoning ({reader.reasoned} characters) is not shown",)
            if reader.reasoned
            else (),
            egress=egress,
            usage=usage,
        )

    def _sorted(self, evidence: Sequence[Evidence]) -> tuple[list[Evidence], str]:
        """The evidence that may leave, and why the rest may not."""
        sent, kept = [], []
        for item in evidence:
            try:
                self._gate(list(prompts.shown(item).values()))
                sent.append(item)
            except EgressBlocked as found:
                kept.append(f"[{item.n}] ({held(found)})")
        return sent, ", ".join(kept)


def held(found: EgressBlocked) -> str:
    """The kinds of what was found, in words."""
    kinds = dict.fromkeys(SPOKEN[span.kind] for _, span in found.findings)
    return ", ".join(kinds) or "what could tell who a person is"


def ending(outcome: Outcome) -> str:
    """Why the text is not whole, "" when it is."""
    if outcome.problem:
        return outcome.problem
    if outcome.finish == "length":
        return "it came to the bound on an answer's length"
    if not outcome.finish:
        return "it stopped in the middle"
    return "" if outcome.finish == "stop" else f"it stopped for another reason ({outcome.finish[:40]!r})"


def left_out(reader: cited.Reader, evidence: Sequence[Evidence]) -> Iterator[str]:
    if reader.unfinished:
        yield "The model's last sentence was not finished and is left out"
    long = sum(len(item.hit.chunk.text) > prompts.LONGEST_SOURCE for item in evidence)
    if long:
        yield f"{long} passages were cut to {prompts.LONGEST_SOURCE} characters for the model"
