"""Answers, rankings and hits as JSON (the contract of the command line) and as terminal text."""

import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from assistant.errors import InputError
from assistant.studies import study_design
from assistant.text import clean
from assistant.types import Answer, Chunk, Evidence, Hit, Metadata, Origin, Ranking, Ranks, Scores
from rerankers.prices import spoken

STAGES = ("bm25", "dense", "fused", "rerank")


def answer_json(answer: Answer) -> dict[str, Any]:
    """The fields of `ask --json`."""
    return {
        "question": answer.question,
        "asked": answer.asked or answer.question,
        "status": answer.status,
        "note": answer.note,
        "sentences": [
            {
                "text": s.text,
                "citations": list(s.citations),
                "verdict": s.verdict,
                "reasons": list(s.reasons),
            }
            for s in answer.sentences
        ],
        "evidence": [evidence_json(e) for e in answer.evidence],
        "ranked_by": answer.ranked_by,
        "degraded": list(answer.degraded),
        "notes": list(answer.notes),
        "egress": [{"service": e.service, "what": e.what} for e in answer.egress],
        "usage": None if answer.usage is None else asdict(answer.usage),
        "timings_ms": _rounded(answer.timings_ms),
        "versions": dict(answer.versions),
    }


def evidence_json(evidence: Evidence) -> dict[str, Any]:
    hit = evidence.hit
    meta, chunk = hit.metadata, hit.chunk
    return {
        "n": evidence.n,
        **_hit(hit),
        "section": chunk.heading,
        "start": chunk.start,
        "end": chunk.end,
        "page": chunk.page,
        "url": meta.url,
        "journal": meta.journal,
        "year": meta.year,
        "study_design": study_design(meta.publication_types),
        "retracted": meta.retracted,
        "synthetic": meta.synthetic,
    }


def ranking_json(ranking: Ranking, timings_ms: Mapping[str, float]) -> dict[str, Any]:
    """The fields of `search --json`."""
    return {
        **ranking_about(ranking),
        "hits": [{"rank": rank, **_hit(hit)} for rank, hit in enumerate(ranking.hits, start=1)],
        "timings_ms": _rounded(timings_ms),
    }


def ranking_about(ranking: Ranking) -> dict[str, Any]:
    """Who ranked, what was passed over, what left this machine and what it cost."""
    return {
        "ranked_by": ranking.ranked_by,
        "degraded": list(ranking.degraded),
        "notes": list(ranking.notes),
        "egress": [{"service": e.service, "what": e.what} for e in ranking.egress],
        "usage": None if ranking.usage is None else asdict(ranking.usage),
    }


def provenance(ranking: Ranking) -> list[str]:
    """The same in lines, for the terminal."""
    lines = [f"Ranked by {ranking.ranked_by}."]
    lines += [f"Degraded: {reason}" for reason in ranking.degraded]
    lines += [f"Note: {note}" for note in ranking.notes]
    lines += [f"Left this machine: {e.what} to {e.service}" for e in ranking.egress]
    if ranking.usage is not None:
        lines.append(f"Cost: {spoken(ranking.usage)}")
    return lines


def hits_from_lines(lines: Iterable[str]) -> list[Hit]:
    """Passages from JSON lines {"id", "text"}, with "title" where there is one.

    Raises InputError naming the line that is not such an object, or when there is none.
    """
    hits = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            given = json.loads(line)
            name, text, title = str(given["id"]), clean(given["text"]), clean(given.get("title") or "")
        except (ValueError, KeyError, TypeError, AttributeError):
            raise InputError(
                f'standard input, line {number}: not an object with "id" and "text", such as '
                '{"id": "1", "text": "Warfarin is ..."}'
            ) from None
        chunk = Chunk(id=name, document_id=name, section=0, heading="", start=0, end=len(text), text=text)
        origin = Origin(path="standard input", format="jsonl", place=f"line {number}")
        hits.append(Hit(chunk=chunk, metadata=Metadata(title=title, origin=origin)))
    if not hits:
        raise InputError('standard input: no passages; give JSON lines {"id": "1", "text": "..."}')
    return hits


def reranked_json(ranking: Ranking) -> dict[str, Any]:
    """The fields of `rerank --json`."""
    return {
        **ranking_about(ranking),
        "hits": [
            {"rank": rank, "id": hit.chunk.id, "score": hit.scores.rerank}
            for rank, hit in enumerate(ranking.hits, start=1)
        ],
        "timings_ms": {"reranking": round(ranking.milliseconds, 2)},
    }


def _hit(hit: Hit) -> dict[str, Any]:
    return {
        "chunk_id": hit.chunk.id,
        "document_id": hit.chunk.document_id,
        "title": hit.metadata.title,
        "text": hit.chunk.text,
        "scores": _stages(hit.scores),
        "ranks": _stages(hit.ranks),
    }


def _stages(values: Scores | Ranks) -> dict[str, float | int | None]:
    return {stage: getattr(values, stage) for stage in STAGES}


def _rounded(timings: Mapping[str, float]) -> dict[str, float]:
    return {name: round(ms, 2) for name, ms in timings.items()}


def answer_text(answer: Answer, width: int = 96) -> str:
    """What `assistant ask` prints."""
    lines = []
    if answer.sentences:
        body = " ".join(
            s.text
            + "".join(f" [{n}]" for n in s.citations)
            + (f" ({s.verdict})" if _flagged(s.verdict) else "")
            for s in answer.sentences
        )
        lines += [textwrap.fill(body, width), ""]
    if answer.note:
        lines += [textwrap.fill(answer.note, width), ""]
    lines += [source_line(item) for item in answer.evidence]
    if answer.ranked_by:
        lines += ["", f"Ranked by {answer.ranked_by}; {sum(answer.timings_ms.values()):.0f} ms."]
    lines += [f"Degraded: {reason}" for reason in answer.degraded]
    lines += [f"Note: {note}" for note in answer.notes]
    lines += [f"Left this machine: {e.what} to {e.service}" for e in answer.egress] or [
        "Nothing left this machine."
    ]
    if answer.usage is not None:
        lines.append(f"Cost: {spoken(answer.usage)}")
    return "\n".join(lines)


def _flagged(verdict: str) -> bool:
    return verdict != "supported"


def source_line(evidence: Evidence) -> str:
    """One line a source: number, title, journal, year, design, link, and a notice of retraction."""
    meta = evidence.hit.metadata
    design = study_design(meta.publication_types)
    parts = [
        meta.journal,
        str(meta.year) if meta.year else None,
        design,
        meta.url or evidence.hit.chunk.document_id,
    ]
    notice = "RETRACTED. " if meta.retracted else ""
    teaching = "(synthetic teaching text) " if meta.synthetic else ""
    return f"[{evidence.n}] {notice}{meta.title} {teaching}" + "; ".join(p for p in parts if p)


def ranking_text(ranking: Ranking, width: int = 96) -> str:
    """What `assistant search` prints."""
    lines = []
    for rank, hit in enumerate(ranking.hits, start=1):
        seen = ", ".join(f"{s} {r}" for s in STAGES if (r := getattr(hit.ranks, s)) is not None)
        lines.append(f"{rank:3}. {hit.metadata.title}  [{hit.chunk.document_id}; ranks: {seen}]")
        lines.append(textwrap.shorten(hit.chunk.text, width * 2, initial_indent="     "))
    lines += provenance(ranking)
    return "\n".join(lines)
