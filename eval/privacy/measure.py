"""How much of what must not leave is found, class by class, and what is found where nothing should be."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.errors import InputError
from assistant.privacy import KINDS, Kind, find
from eval.privacy.synthetic import Item


@dataclass(frozen=True, slots=True)
class Row:
    """One class. `found`: every letter and digit of the identifier is in a finding of any kind; `blocked`:
    the question has a finding at all, so it would not be sent."""

    kind: Kind
    n: int
    found: int
    blocked: int
    right: int  # findings that touch the identifier
    findings: int
    held_n: int
    held_found: int

    @property
    def recall(self) -> float:
        return self.found / self.n

    @property
    def held_recall(self) -> float:
        return self.held_found / self.held_n if self.held_n else float("nan")

    @property
    def precision(self) -> float:
        return self.right / self.findings if self.findings else float("nan")


@dataclass(frozen=True, slots=True)
class Alarm:
    """A finding in a text that should have none."""

    text: str
    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class Clean:
    """`alarmed` of `n` texts of a set have a finding."""

    name: str
    n: int
    alarmed: int
    alarms: tuple[Alarm, ...]


def recall(items: Iterable[Item]) -> tuple[list[Row], list[Item]]:
    """A row for each class, and the items that were not found."""
    counts: dict[Kind, Counter[str]] = {kind: Counter() for kind in KINDS}
    missed = []
    for item in items:
        spans = find(item.text)
        touching = [s for s in spans if s.start < item.end and item.start < s.end]
        covered = {i for s in touching for i in range(s.start, s.end)}
        found = all(i in covered for i in range(item.start, item.end) if item.text[i].isalnum())
        if not found:
            missed.append(item)
        counts[item.kind].update(
            n=1,
            found=found,
            blocked=bool(spans),
            right=len(touching),
            findings=len(spans),
            held_n=item.held,
            held_found=item.held and found,
        )
    return [
        Row(kind=kind, **{f: counts[kind][f] for f in _FIELDS}) for kind in KINDS if counts[kind]["n"]
    ], missed


_FIELDS = ("n", "found", "blocked", "right", "findings", "held_n", "held_found")


def alarms(name: str, texts: Sequence[str]) -> Clean:
    found = [(text, find(text)) for text in texts]
    hits = tuple(Alarm(text, s.kind, text[s.start : s.end]) for text, spans in found for s in spans)
    return Clean(name, len(texts), sum(bool(spans) for _, spans in found), hits)


def texts_of(folder: Path, what: str, limit: int | None = None) -> list[str]:
    """The questions ("queries") or passages ("corpus") of a folder in BEIR format, from the first on."""
    file = folder / f"{what}.jsonl"
    try:
        with file.open(encoding="utf-8") as lines:
            rows = [json.loads(line) for _, line in zip(range(limit or 10**9), lines, strict=False)]
        return [str(row["text"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{file}: not the {what}.jsonl of a BEIR folder ({type(error).__name__})") from None


def report(rows: Sequence[Row], missed: Sequence[Item], clean: Sequence[Clean]) -> dict[str, Any]:
    """As JSON."""
    return {
        "synthetic": {
            "n": sum(r.n for r in rows),
            "recall": sum(r.found for r in rows) / sum(r.n for r in rows),
            "held_out_recall": sum(r.held_found for r in rows) / max(1, sum(r.held_n for r in rows)),
            "blocked": sum(r.blocked for r in rows) / sum(r.n for r in rows),
            "precision": sum(r.right for r in rows) / max(1, sum(r.findings for r in rows)),
            "classes": [
                {
                    "kind": r.kind,
                    "n": r.n,
                    "recall": r.recall,
                    "held_out_recall": r.held_recall,
                    "blocked": r.blocked / r.n,
                    "precision": r.precision,
                }
                for r in rows
            ],
            "missed": [{"kind": i.kind, "text": i.text, "held_out": i.held} for i in missed],
        },
        "clean": [
            {
                "name": c.name,
                "n": c.n,
                "alarmed": c.alarmed,
                "alarms": [{"kind": a.kind, "words": a.words, "text": a.text[:300]} for a in c.alarms],
            }
            for c in clean
        ],
    }


def table(found: dict[str, Any]) -> str:
    """For the terminal."""
    made = found["synthetic"]
    lines = [f"{'class':10} {'n':>5} {'recall':>7} {'held out':>9} {'blocked':>8} {'precision':>10}"]
    for row in [*made["classes"], {"kind": "all", **made}]:
        held = row["held_out_recall"]
        lines.append(
            f"{row['kind']:10} {row['n']:5} {row['recall']:7.3f} {held:9.3f} {row['blocked']:8.3f} "
            f"{row['precision']:10.3f}"
        )
    for row in found["clean"]:
        share = row["alarmed"] / max(1, row["n"])
        lines.append(f"{row['name']}: a finding in {row['alarmed']} of {row['n']} texts ({share:.2%})")
    return "\n".join(lines)
