"""What a reader sees of an answer: pure, Answer -> safe HTML on one line (C2, C11)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assistant.events import StageName
from assistant.present import answer_text
from assistant.types import Answer, Sentence
from rerankers.prices import spoken
from ui.evidence import Anchors, anchors, listing, text
from ui.export import bar

STAGES: dict[StageName, str] = {
    "searching": "Searching",
    "reranking": "Ranking",
    "reading": "Reading",
    "checking": "Checking",
}
VERDICTS = {
    "unsupported": "◇ not supported by its source",
    "contradicted": "✕ contradicted by its source",
    "unchecked": "○ not checked against its source",
}
NOTICE = (
    "For health professionals, to look up what the sources in this library say. It is no substitute for"
    " clinical judgement, not for emergencies, and not for patients. It reads text only: no images,"
    " waveforms or signals. Enter no patient's name or other identifying detail."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LibraryCard:
    """What the answers rest on (C2). `updated` is an ISO date or time, None before the first ingest."""

    documents: int
    chunks: int
    updated: str | None
    encoder: str
    reranker: str
    gaps: tuple[str, ...] = ()


def turn(key: str, question: str, inner: str) -> str:
    return (
        f'<article class="turn" id="{key}"><h2 class="question"><span class="asked">You asked</span>'
        f"{text(question)}</h2>{inner}</article>"
    )


def understood(question: str) -> str:
    """How a follow-up was made to stand alone, before it is searched."""
    return f'<p class="understood">Understood as: <strong>{text(question)}</strong></p>' if question else ""


def writing(key: str, question: str, sentences: Sequence[Sentence], searched: str = "") -> str:
    """An answer that is still being written: its citations cannot be opened yet. `searched`: a follow-up
    as it was made to stand alone."""
    body = " ".join(sentence(key, number, s, None) for number, s in enumerate(sentences, start=1))
    inner = f'<div class="main"><p class="text">{body}</p></div>' if body else ""
    return turn(key, question, understood(searched) + inner)


def answer(
    key: str, said: Answer, card: LibraryCard, *, pinned: Collection[str] = (), reopened: bool = False
) -> str:
    """The whole turn. `key` begins every id in it and is unique on the page; `pinned`: ids of passages.

    `reopened`: the library is as it is now, which is not what it was when this was answered.
    """
    opened = anchors(key, said.evidence, said.sentences)
    if said.status == "answered":
        body = " ".join(sentence(key, n, s, opened) for n, s in enumerate(said.sentences, start=1))
        note = f'<p class="note">◌ {text(said.note)}</p>' if said.note else ""
        main = f'<p class="text">{body}</p>{note}{checked(said.sentences)}'
        heading = "Evidence"
    else:
        main = verdict_box(said)
        heading = "What was found nearest"
    copied = (
        f'<button type="button" class="copy">Copy</button><pre class="plain">{text(answer_text(said))}</pre>'
    )
    side = listing(key, said.evidence, said.sentences, heading, pinned)
    return turn(
        key,
        said.asked or said.question,
        f'{as_searched(said)}<div class="columns"><div class="main">{main}{colophon(said, card, reopened)}'
        f"{copied}{bar(key, said)}</div>{side}</div>",
    )


def as_searched(said: Answer) -> str:
    """What was searched, where it is not what was typed, or not the whole library."""
    lines = ""
    if said.asked and said.asked != said.question:
        own = act("typed", "Search my own words instead")
        lines = understood(said.question).replace("</p>", f" {own}</p>")
    if said.narrowed:
        whole = act("widen", "Search the whole library")
        lines += f'<p class="narrowed">▽ Narrowed by you: <strong>{text(said.narrowed)}</strong> {whole}</p>'
    return lines


def act(do: str, words: str) -> str:
    """A button that the page's script hands to Python. Classes say what it does: data attributes are lost."""
    return f'<button type="button" class="act do-{do}">{words}</button>'


def verdict_box(said: Answer) -> str:
    more = ""
    if said.status == "blocked":
        shape, head = "■", "This question was not processed"
        more = "<p>It is back in the box, and this page did not keep it.</p>"
    elif not said.ranked_by:
        shape, head = "◇", "This was not searched"
    elif said.narrowed:
        shape, head = "○", "Nothing in the narrowed search answers this"
    else:
        shape, head = "○", "The library does not answer this"
    reason = f"<p>{text(said.note)}</p>" if said.note else ""
    first = f'<p class="head"><span>{shape}</span> {head}</p>'
    return f'<div class="outcome {said.status}">{first}{reason}{more}</div>'


def sentence(key: str, number: int, said: Sentence, opened: Anchors | None) -> str:
    """The words, their citation marks, and a flag in words where the verdict is not "supported".

    `opened` None: marks without a link. A number that cites nothing retrieved is shown, without a link.
    """
    marks = "".join(
        f'<a class="cite" href="#{opened[number, n]}"><span class="heard">source </span>[{n}]</a>'
        if opened and (number, n) in opened
        else f'<span class="cite">[{n}]</span>'
        for n in said.citations
    )
    flag, kind = "", ""
    if said.verdict in VERDICTS and (opened is not None or said.verdict != "unchecked"):
        why = f": {text('; '.join(said.reasons))}" if said.reasons else ""
        flag = f' <span class="flag {said.verdict}">{VERDICTS[said.verdict]}{why}</span>'
        kind = f" {said.verdict}"
    words = f'<span class="said">{text(said.text)}</span>&nbsp;{marks}{flag}'
    return f'<span class="sentence{kind}" id="{key}-s{number}" tabindex="-1">{words}</span>'


def checked(sentences: Sequence[Sentence]) -> str:
    good = sum(s.verdict == "supported" for s in sentences)
    if good == len(sentences):
        line = "✓ Each sentence was checked against the passages that it cites."
    else:
        line = (
            f"△ {good} of {len(sentences)} sentences are supported by the passages they cite; see the flags."
        )
    return f'<p class="checked">{line}</p>'


def colophon(said: Answer, card: LibraryCard, reopened: bool = False) -> str:
    """Who ranked it, the library's size and date, the time, what left the machine, what was passed over."""
    parts = []
    if said.ranked_by:
        seconds = sum(said.timings_ms.values()) / 1000
        by = "the search alone, without a reranker" if said.ranked_by == "none" else text(said.ranked_by)
        parts = [f"Ranked by {by}", ("now " if reopened else "") + size(card), f"{seconds:.1f} s"]
    if said.egress:
        parts.append(
            "Left this machine: " + "; ".join(f"{text(e.what)} to {text(e.service)}" for e in said.egress)
        )
    else:
        parts.append("Nothing left this machine")
    if said.usage is not None:
        parts.append(text(spoken(said.usage)))
    count = f"{len(said.degraded)} {'thing' if len(said.degraded) == 1 else 'things'}"
    return (
        f'<p class="colophon">{" · ".join(parts)}</p>'
        + folded("degraded", f"△ {count} passed over, and how to mend it", said.degraded)
        + folded("notes", "How it was made", said.notes)
    )


def folded(kind: str, head: str, lines: Sequence[str]) -> str:
    items = "".join(f"<li>{text(line)}</li>" for line in lines)
    return f'<details class="{kind}"><summary>{head}</summary><ul>{items}</ul></details>' if items else ""


def ready(said: Answer) -> str:
    """One line that a screen reader hears at the end."""
    good = sum(s.verdict == "supported" for s in said.sentences)
    if said.status == "answered":
        of = f"{good} of {len(said.sentences)} sentences supported"
        heard = f"Answer ready: {of}, {len(said.evidence)} passages."
    else:
        heard = "No answer: the reason stands under the question."
    return f'<p class="heard">{heard}</p>'


def size(card: LibraryCard) -> str:
    date = f', indexed <span class="date">{text(card.updated[:10])}</span>' if card.updated else ""
    return f"{card.documents:,} documents, {card.chunks:,} passages{date}"


def header(card: LibraryCard) -> str:
    return (
        '<header class="top"><h1>Clinical assistant</h1>'
        f'<p class="holdings">{size(card)} · vectors by {text(card.encoder)} · ranking by '
        f"{text(card.reranker)}</p>{folded('gaps', 'Known gaps', card.gaps)}</header>"
    )


def welcome(card: LibraryCard) -> str:
    """Shown until the first question: whom it is for (C1), and what an empty library needs."""
    if card.chunks:
        lead = (
            "<p>Ask a clinical question. The answer quotes this library, each sentence with its source.</p>"
        )
    else:
        lead = (
            '<div class="outcome empty"><p class="head"><span>○</span> The library is empty</p>'
            "<p>Add documents on the Library tab. Or stop this program, and start it again after</p>"
            "<p><code>assistant ingest PATH</code></p><p>or with the sample library: "
            "<code>assistant chat --sample</code></p></div>"
        )
    return f'<section class="welcome">{lead}<p class="c1">{NOTICE}</p></section>'


def progress(now: StageName, found: str = "") -> str:
    """The stages, the running one in bold."""
    steps = " <span>›</span> ".join(
        f"<strong>{label}…</strong>" if name == now else f"<span>{label}</span>"
        for name, label in STAGES.items()
    )
    return f'<p class="progress">{steps}{" · " + text(found) if found else ""}</p>'


def line(message: str, kind: str = "problem") -> str:
    """One calm line in place of an answer."""
    return f'<div class="outcome {kind}"><p>{text(message)}</p></div>'
