"""A follow-up made to stand alone by the language model, where the rules found that it is one."""

from collections.abc import Iterator, Sequence
from contextlib import closing

from assistant.conversation import Standalone
from assistant.errors import EgressBlocked
from assistant.generate import prompts
from assistant.generate.base import Account
from assistant.generate.llm import Gate
from assistant.generate.service import ChatService, Outcome
from assistant.index.bm25 import tokenise
from assistant.text import clean

LONGEST_QUESTION = 80  # tokens
REMEMBERED = 3  # questions before this one that are sent
LONGEST = 400  # characters


class Rewriter:
    def __init__(self, service: ChatService, gate: Gate) -> None:
        self._service, self._gate = service, gate

    def rewrite(
        self, question: str, history: Sequence[str], by_rules: Standalone
    ) -> Iterator[Standalone | Account | None]:
        """None while it waits, the standalone question, and an Account. What the rules made stands when
        something in the talk may not leave, the service fails, or its question lacks what it has to keep."""
        before = history[-REMEMBERED:]
        try:
            self._gate([question, *before])
        except EgressBlocked:
            yield by_rules
            yield Account()
            return
        said, outcome = "", Outcome()
        with closing(self._service.say(prompts.rewrite(question, before), LONGEST_QUESTION)) as pieces:
            for piece in pieces:
                if isinstance(piece, str):
                    said = clean(piece).strip(" \"'")
                elif isinstance(piece, Outcome):
                    outcome = piece
                else:
                    yield None
        good = faithful(said, question, [*before, by_rules.question])
        yield Standalone(said, rewritten=True, carried=by_rules.carried) if good else by_rules
        egress, usage = self._service.bill(outcome, f"the question and {len(before)} before it")
        failed = (
            () if good else ("The follow-up was completed by rules, since the language model did not do it",)
        )
        yield Account(degraded=failed, egress=egress, usage=usage)


def faithful(said: str, question: str, before: Sequence[str]) -> bool:
    """One short line with every word of the follow-up that carries meaning, and no other than the talk's."""
    words, own = set(tokenise(said)), set(tokenise(question))
    known = own.union(*(tokenise(text) for text in before))
    return bool(said) and "\n" not in said and len(said) <= LONGEST and own <= words and own < words <= known
