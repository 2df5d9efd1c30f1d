"""One open page: its turns, and what the reader made of the last one. Frozen; each step gives a new one."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from assistant.index.engine import Where
from assistant.types import Answer, Evidence, Hit
from ui import render
from ui.chat import Frame
from ui.render import LibraryCard

TURNS = 20  # answers kept on the page, and questions that a follow-up may look back on


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what it is asked with. An empty one is none."""

    question: str = ""
    history: tuple[str, ...] = ()
    where: Where = field(default_factory=Where)
    pinned: tuple[Hit, ...] = ()


@dataclass(frozen=True, slots=True)
class Session:
    """`asked`: what the running question, or the last one, was asked with. `answer`: the last one's."""

    past: tuple[str, ...] = ()
    current: str = ""
    count: int = 0
    token: str = ""  # of the running question: what Stop stops
    history: tuple[str, ...] = ()  # the questions that were searched, oldest first
    asked: Asked = field(default_factory=Asked)
    answer: Answer | None = None
    conversation: str = ""

    @property
    def key(self) -> str:
        return f"t{self.count}"

    def asking(self, question: str) -> Asked:
        return Asked(question.strip(), self.history)

    def begin(self, asked: Asked) -> "Session":
        past = (*self.past, self.current)[-TURNS:] if self.current else self.past
        return replace(
            self,
            past=past,
            current="",
            count=self.count + 1,
            token=secrets.token_hex(8),
            asked=asked,
            answer=None,
        )

    def showing(self, frame: Frame) -> "Session":
        """With a frame. Only a question that was searched is one that a follow-up can mean."""
        answer, history = frame.answer, self.history
        if answer is not None and answer.ranked_by and answer.question != (history[-1:] or ("",))[0]:
            history = (*history, answer.question)[-TURNS:]
        return replace(self, current=frame.turn, answer=answer, history=history)

    def named(self, conversation: str) -> "Session":
        return replace(self, conversation=conversation)

    def source(self, n: object) -> Evidence | None:
        """The evidence [n] of the last answer."""
        found = self.answer.evidence if self.answer is not None else ()
        return next((e for e in found if e.n == n), None)

    def pin(self, n: object) -> "Session":
        """The passage [n] pinned, or no longer: for the next time that this question is asked."""
        chosen = self.source(n)
        if chosen is None:
            return self
        others = tuple(hit for hit in self.asked.pinned if hit.chunk.id != chosen.hit.chunk.id)
        pinned = others if len(others) < len(self.asked.pinned) else (*others, chosen.hit)
        return replace(self, asked=replace(self.asked, pinned=pinned))

    def narrowed(self, where: Where) -> Asked:
        """The last question again, with these designs and years; sources left out stay out."""
        had = self.asked.where
        return self.repeated(replace(had, designs=where.designs, years=where.years))

    def repeated(self, where: Where, *, own_words: bool = False) -> Asked:
        if self.answer is None:
            return Asked()
        question = self.answer.asked if own_words else self.answer.question
        return replace(self.asked, question=question, history=(), where=where)


def again(said: Mapping[str, Any], session: Session) -> Asked:
    """The last question again as a click wants it: {"do": "widen" | "typed"}, or {"do": "without" | "only",
    "n": the number of a source}."""
    where, chosen = session.asked.where, session.source(said.get("n"))
    match said.get("do"):
        case "widen":
            return session.repeated(Where())
        case "typed":
            return session.repeated(where, own_words=True)
        case "without" if chosen is not None:
            source = chosen.hit.chunk.document_id
            asked = session.repeated(replace(where, without=(*where.without, source)))
            others = tuple(hit for hit in asked.pinned if hit.chunk.document_id != source)
            return replace(asked, pinned=others)
        case "only" if chosen is not None:
            return session.repeated(replace(where, documents=(chosen.hit.chunk.document_id,)))
    return Asked()


def reopened(conversation: str, answers: Sequence[Answer], card: LibraryCard) -> Session:
    """The page as it was when the last of these was answered."""
    session = Session(conversation=conversation)
    for answer in answers[-TURNS:]:
        session = session.begin(Asked(answer.question))
        session = session.showing(
            Frame(render.answer(session.key, answer, card, reopened=True), answer=answer)
        )
    return session
