"""results.json, the printed table and report.html of an evaluation of the verifier."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from eval.page import Table, html_table, markdown_table, page, plain
from eval.trec import write_text
from eval.verification import Claims, Corrupted, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class VerificationResults:
    dataset: str
    split: str
    seed: int
    verifier: str
    corruptions: Corrupted | None
    claims: Claims | None
    notes: tuple[str, ...] = ()


def save(out: Path, found: VerificationResults) -> None:
    """OUT/results.json, OUT/report.html, OUT/report.md. Raises InputError."""
    write_text(
        out / "results.json",
        [json.dumps(asdict(found), indent=1, ensure_ascii=False, allow_nan=False), "\n"],
    )
    heading = f"Verification: {found.dataset} {found.split}"
    body: list[str] = []
    lines: list[str] = []
    for table in tables(found):
        body += html_table(table)
        lines += markdown_table(table)
    write_text(out / "report.html", [page(heading, body)])
    write_text(out / "report.md", [f"# {plain(heading)}\n\n", "\n".join(lines)])


def terminal(found: VerificationResults) -> str:
    lines = []
    for table in tables(found):
        if table.title in ("Misses and false alarms", "To know"):
            continue
        widths = [max(len(row[i]) for row in (table.head, *table.rows)) for i in range(len(table.head))]
        lines += [table.title]
        for row in (table.head, *table.rows):
            lines.append(
                "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
            )
        lines.append("")
    return "\n".join(lines)


def tables(found: VerificationResults) -> list[Table]:
    every = []
    if found.corruptions is not None:
        every += [_kinds(found.corruptions), _parts(found.corruptions), _examples(found.corruptions)]
    if found.claims is not None:
        every += [_claims(found.claims), _confusion(found.claims)]
    every.append(Table(title="To know", note="", head=["note"], rows=[[note] for note in found.notes]))
    return [table for table in every if table.rows]


def _kinds(found: Corrupted) -> Table:
    whole = [rate for rate in found.rates if not rate.variant and not rate.source]
    shown = [
        *(rate for rate in whole if rate.kind != found.false_alarms.kind),
        found.detected,
        found.false_alarms,
    ]
    return Table(
        title="Corruptions detected, and false alarms",
        note="Detected: the verdict is unsupported or contradicted. Of untouched sentences the same is a "
        "false alarm. Wilson 95 % intervals.",
        head=["kind", "flagged", "of", "share", "95 % interval"],
        rows=[_row(rate, rate.kind) for rate in shown],
    )


def _parts(found: Corrupted) -> Table:
    return Table(
        title="By variant and by source",
        note="near: the passage has a word of the new claim in another place.",
        head=["kind", "flagged", "of", "share", "95 % interval"],
        rows=[
            _row(rate, f"{rate.kind}: {rate.variant or f'from {rate.source}'}")
            for rate in found.rates
            if rate.variant or rate.source
        ],
    )


def _row(rate: Rate, name: str) -> list[str]:
    low, high = rate.ci95
    return [name, str(rate.hits), str(rate.n), f"{rate.share:.1%}", f"{low:.1%} to {high:.1%}"]


def _examples(found: Corrupted) -> Table:
    return Table(
        title="Misses and false alarms",
        note="A few of each kind.",
        head=["kind", "sentence", "as it was", "reasons"],
        rows=[
            [f"{e.kind} {e.variant}".strip(), e.text, e.original, "; ".join(e.reasons)]
            for e in found.examples
        ],
    )


def _claims(found: Claims) -> Table:
    low, high = found.auc_ci95
    rows = [
        ["claims", str(found.n)],
        ["AUC, supported against the rest", f"{found.auc:.3f} [{low:.3f}, {high:.3f}]"],
        *([f"AUC, supported against {label}", f"{value:.3f}"] for label, value in found.auc_by_label.items()),
        ["F1 of the verdict supported", f"{found.f1:.3f} (P {found.precision:.3f}, R {found.recall:.3f})"],
    ]
    rows += [
        [f"{c.label}: precision, recall, F1", f"{c.precision:.3f}, {c.recall:.3f}, {c.f1:.3f} ({c.n} claims)"]
        for c in found.classes
    ]
    note = "Each claim against its whole abstract. Each label is held against the verdict of its name."
    return Table(title=f"Claims of {found.file}", note=note, head=["", "value"], rows=rows)


def _confusion(found: Claims) -> Table:
    verdicts = list(dict.fromkeys(verdict for row in found.confusion.values() for verdict in row))
    return Table(
        title="Labels and verdicts",
        note="",
        head=["label", *verdicts],
        rows=[[label, *(str(row.get(v, 0)) for v in verdicts)] for label, row in found.confusion.items()],
    )
