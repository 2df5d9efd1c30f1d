"""What one page remembers: questions, pins, and how a question is asked again."""

from dataclasses import replace

from assistant.index.engine import Where
from assistant.types import Answer
from tests import scripted
from ui.chat import Frame
from ui.session import Asked, Session, again, reopened


def after(answer: Answer, session: Session | None = None) -> Session:
    session = session or Session()
    begun = session.begin(session.asking(answer.question))
    return begun.showing(Frame("<article></article>", answer=answer))


def test_a_follow_up_looks_back_on_what_was_searched() -> None:
    session = after(scripted.answered("How is warfarin dosed?"))
    session = after(scripted.blocked("John Smith, dose?"), session)
    session = after(replace(scripted.abstained("Hello"), ranked_by=""), session)
    session = after(scripted.abstained("And in children?"), session)
    asked = session.asking("  Why? ")
    assert asked == Asked("Why?", ("How is warfarin dosed?", "And in children?"))
    assert len(session.past) == 3


def test_a_source_is_pinned_and_unpinned_for_the_same_question() -> None:
    session = after(scripted.answered("How?")).pin(2)
    assert session.asked.pinned == (scripted.EVIDENCE[1].hit,)
    assert again({"do": "widen"}, session).pinned == session.asked.pinned
    assert session.pin(2).asked.pinned == ()
    assert session.pin(9) == session
    assert session.asking("Another?").pinned == ()


def test_clicks_narrow_one_after_the_other() -> None:
    session = after(scripted.answered("How?")).pin(1)
    first = again({"do": "without", "n": 1}, session)
    assert first == Asked("How?", (), Where(without=("sample:1",)))
    assert first.pinned == (), "what is left out is no longer pinned"
    session = session.begin(first).showing(Frame("", answer=scripted.answered("How?")))
    both = again({"do": "without", "n": 3}, session)
    assert both.where.without == ("sample:1", "sample:3")
    filtered = session.narrowed(Where(designs=("review",), years=(2000, None)))
    assert filtered.where == Where(designs=("review",), years=(2000, None), without=("sample:1",))
    assert again({"do": "only", "n": 2}, session).where.documents == ("sample:2",)
    assert again({"do": "widen"}, session).where == Where()


def test_what_is_no_click_asks_nothing() -> None:
    session = after(scripted.answered("How?"))
    for said in ({}, {"do": "without", "n": 9}, {"do": "without"}, {"do": "drop", "n": 1}):
        assert again(said, session).question == ""
    assert again({"do": "widen"}, Session()).question == ""


def test_own_words_are_asked_alone() -> None:
    session = after(replace(scripted.answered("What is the dose of apixaban?"), asked="and apixaban?"))
    assert again({"do": "typed"}, session) == Asked("and apixaban?")
    assert again({"do": "widen"}, session) == Asked("What is the dose of apixaban?")


def test_a_conversation_is_shown_again() -> None:
    answers = [scripted.answered("One?"), scripted.abstained("Two?")]
    session = reopened("an-id", answers, scripted.CARD)
    assert session.conversation == "an-id"
    assert "One?" in session.past[0]
    assert "Two?" in session.current
    assert session.history == ("One?", "Two?")
    assert session.key == "t2"
    assert session.answer == answers[1]
