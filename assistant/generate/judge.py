"""A second reading of each sentence by the language model: it may add a flag and never removes one."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace

from assistant.errors import EgressBlocked
from assistant.generate import prompts
from assistant.generate.base import Account
from assistant.generate.llm import Gate
from assistant.generate.service import ChatService, Outcome
from assistant.types import Evidence, Sentence

LONGEST_VERDICT = 8  # tokens
DOUBT = "a second reading by a language model does not find it in the source"

UNREAD = "A sentence was not read a second time"


class Judge:
    def __init__(self, service: ChatService, gate: Gate) -> None:
        self._service, self._gate = service, gate

    def read(self, sentence: Sentence, evidence: Sequence[Evidence]) -> Iterator[Sentence | Account | None]:
        """None while it waits, the sentence, flagged or as it was, and an Account. Only sentences that are
        supported so far are sent, with the sources that they cite."""
        sources = [item for item in evidence if item.n in sentence.citations]
        if sentence.verdict != "supported" or not sources:
            yield sentence
            yield Account()
            return
        try:
            self._gate([sentence.text, *(text for item in sources for text in prompts.shown(item).values())])
        except EgressBlocked:
            yield sentence
            yield Account(degraded=(f"{UNREAD}: it or its source may not be sent",))
            return
        said, outcome = "", Outcome()
        with closing(self._service.say(prompts.judge(sentence.text, sources), LONGEST_VERDICT)) as pieces:
            for piece in pieces:
                if isinstance(piece, str):
                    said = piece.strip(" .!\n").upper()
                elif isinstance(piece, Outcome):
                    outcome = piece
                else:
                    yield None
        doubted = replace(sentence, verdict="unsupported", reasons=(*sentence.reasons, DOUBT))
        yield doubted if said == "NO" else sentence
        egress, usage = self._service.bill(outcome, f"a sentence and {len(sources)} passages")
        unread = () if said in ("YES", "NO") else (f"{UNREAD}: no clear answer",)
        yield Account(degraded=unread, egress=egress, usage=usage)
