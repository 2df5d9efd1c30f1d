"""An answer as Markdown for other chat front ends: pure. Nothing that a source says is markup there (C11)."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from assistant.present import source_line
from assistant.text import clean
from assistant.types import Answer, Evidence, Sentence
from ui.evidence import addresses

FLAGS = {
    "unsupported": "not supported by its source",
    "contradicted": "contradicted by its source",
    "unchecked": "not checked against its source",
}


def plain(raw: str) -> str:
    """Text that Markdown shows as it is, on one line: no link, image, emphasis, formula, tag or table."""
    text = re.sub(r"([\\`*_\[\]>#$~|])", r"\\\1", " ".join(clean(raw).split()))
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    return re.sub(r"(?i)\b(https?|ftp|www)([:.])", r"\1\\\2", text)  # or front ends make links of addresses


def sentence(said: Sentence) -> str:
    marks = "".join(f"[{n}]" for n in said.citations)
    flag = f" ({FLAGS[said.verdict]})" if said.verdict in FLAGS else ""
    return f"{plain(said.text)} {marks}{flag}"


def body(sentences: Sequence[Sentence]) -> str:
    return " ".join(sentence(s) for s in sentences)


def content(answer: Answer) -> str:
    """The sentences, the note, the sources by number, and who ranked, what was degraded and what left."""
    blocks = [body(answer.sentences), plain(answer.note)]
    if answer.evidence:
        head = "Sources:" if answer.sentences else "Nearest passages:"
        blocks.append("\n".join([head, *(f"- {line(e)}" for e in answer.evidence)]))
    told = [f"Ranked by {answer.ranked_by}."] if answer.ranked_by else []
    told += [f"Degraded: {reason}" for reason in answer.degraded]
    told += [f"Left this machine: {e.what} to {e.service}" for e in answer.egress] or [
        "Nothing left this machine."
    ]
    blocks.append("\n".join(f"- {plain(t)}" for t in told))
    return "\n\n".join(block for block in blocks if block)


def line(evidence: Evidence) -> str:
    """`[1] title; ...` and the address of its record, where it has one."""
    number, _, rest = source_line(evidence).partition(" ")
    found = addresses(evidence.hit.metadata)
    link = f" <{found[0][1]}>" if found else ""
    return f"{number} {plain(rest)}{link}"


def annotations(answer: Answer) -> list[dict[str, Any]]:
    """One url_citation for each [n] in the content; a source without an address is named by a urn."""
    sources = {e.n: e for e in answer.evidence}
    found = []
    at = 0
    for said in answer.sentences:
        whole = sentence(said)
        start = at + len(plain(said.text)) + 1
        for n in said.citations:
            end = start + len(f"[{n}]")
            if n in sources:
                found.append(
                    {
                        "type": "url_citation",
                        "url_citation": {
                            "start_index": start,
                            "end_index": end,
                            "title": clean(sources[n].hit.metadata.title),
                            "url": address(sources[n]),
                        },
                    }
                )
            start = end
        at += len(whole) + 1
    return found


def address(evidence: Evidence) -> str:
    found = addresses(evidence.hit.metadata)
    return found[0][1] if found else f"urn:clinical-assistant:{quote(evidence.hit.chunk.document_id)}"
