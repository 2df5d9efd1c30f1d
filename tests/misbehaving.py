"""A language model that misbehaves: scripts that write from the sources they get, each in a bad way."""

import re
from collections.abc import Callable
from typing import Any

from assistant.text import sentences
from tests.local_service import CUT, DONE, EVENTS, Piece, Script, event, said, streams

Sources = dict[int, dict[str, str]]


def quotes(sources: Sources) -> list[tuple[str, int]]:
    """The first sentence of each source, with its number."""
    found = []
    for n, source in sources.items():
        start, end = sentences(source["text"])[0]
        found.append((" ".join(source["text"][start:end].split()), n))
    return found


def lines(write: Callable[[str, int], str]) -> Script:
    """A line for each source, made of its first sentence."""

    def script(body: dict[str, Any]) -> tuple[int, dict[str, str], list[Piece]]:
        written = [write(text, n) + "\n" for text, n in quotes(said(body)[1])]
        return streams(*written)(body)

    return script


def altered(text: str) -> str:
    """Each number ten times as large; a text without one gets one."""
    changed = re.sub(r"\d+", lambda m: m.group() + "7", text)
    return changed if changed != text else f"In 4817 adults, {text}"


def stopping(body: dict[str, Any]) -> tuple[int, dict[str, str], list[Piece]]:
    text, n = quotes(said(body)[1])[0]
    return 200, EVENTS, [event(f"{text} [{n}]\nAnd then the dose was 5"), float(CUT)]


def bytewise(body: dict[str, Any]) -> tuple[int, dict[str, str], list[Piece]]:
    text = "".join(f"{text} [{n}]\n" for text, n in quotes(said(body)[1])[:2])
    raw = event(text) + event(finish="stop") + DONE
    return 200, EVENTS, [raw[i : i + 1] for i in range(len(raw))]


def repeating(body: dict[str, Any]) -> tuple[int, dict[str, str], list[Piece]]:
    return streams("\n".join(m["content"] for m in body["messages"]))(body)


HTML = (
    '<div onclick="x()"><a href="http://evil.example">see</a> '
    "![x](http://evil.example/p.png) {text}</div> [{n}]"
)

MISBEHAVIOURS: dict[str, Script] = {
    "invents citations": lines(lambda text, n: f"{text} [{n}][{n + 40}]"),
    "cites only what is not there": lines(lambda text, n: f"{text} [{n + 40}]"),
    "alters numbers": lines(lambda text, n: f"{altered(text)} [{n}]"),
    "quotes what is not there": lines(lambda text, n: f'The source says "{altered(text)}" [{n}]'),
    "cites nothing": lines(lambda text, n: text),
    "stops in the middle": stopping,
    "sends HTML": lines(lambda text, n: HTML.format(text=text, n=n)),
    "repeats the prompt": repeating,
    "answers in another language": lines(
        lambda text, n: f"Die Behandlung mit 500 mg ist bei allen Patienten sicher und wirksam. [{n}]"
    ),
    "streams one byte at a time": bytewise,
    "writes nothing": streams(),
    "only thinks": streams("<think>The dose may be 500 mg [1].\n" * 3),
    "writes without an end": lambda body: streams(*[f"Fact {i} is known. [1]\n" for i in range(500)])(body),
    "puts numbers everywhere": lines(lambda text, n: f"[{n}] {text} [{n}], [0] 【{n + 40}】 [1-99]."),
}
