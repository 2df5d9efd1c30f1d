"""What is installed, what is in force, and what may leave: for `assistant status` and `models list`."""

from typing import Any

from pydantic import SecretStr

from assistant import models
from assistant.config import Loaded, Settings
from assistant.engine import arithmetic
from assistant.errors import AssistantError
from assistant.index.manifest import Manifest
from assistant.index.store import open_index
from rerankers.catalog import ENTRIES


def report(loaded: Loaded, opened: Manifest | None = None) -> dict[str, Any]:
    """Index, models, egress and settings; a part that cannot be read says why and the rest goes on.

    `opened`: the manifest of an index that this process holds already."""
    settings = loaded.settings
    return {
        "index": _index(settings, opened),
        "models": models_report(settings),
        "egress": list(settings.egress),
        "audit": None if settings.audit is None else str(settings.audit),
        "settings": {
            name: {"value": _shown(getattr(settings, name)), "from": loaded.origin[name]}
            for name in Settings.model_fields
        },
    }


def _index(settings: Settings, opened: Manifest | None) -> dict[str, Any]:
    place = settings.qdrant_url or str(settings.index)
    try:
        about = opened
        if about is None:
            with open_index(settings) as index:
                about = index.manifest
    except AssistantError as error:
        return {"place": place, "problem": str(error)}
    return {
        "place": place,
        "documents": about.documents,
        "chunks": about.chunks,
        "encoder": f"{about.encoder}@{about.revision}",
        "tokeniser": about.tokeniser,
        "chunker": about.chunker,
        "created": about.created,
        "updated": about.updated,
        "retraction_snapshot": about.retraction_snapshot,
    }


def models_report(settings: Settings) -> list[dict[str, Any]]:
    """Every catalogue entry and whether it can be used here."""
    found = {f.entry.id: f for f in models.check(settings.models)}
    rows = []
    for entry in ENTRIES:
        here = found.get(entry.id)
        folder = here.folder if here else None
        rows.append(
            {
                "id": entry.id,
                "kind": entry.kind,
                "domain": entry.domain,
                "hub": entry.hub,
                "parameters_millions": entry.parameters,
                "licence": entry.licence,
                "max_tokens": entry.max_tokens,
                "scores": entry.scores,
                "pinned": entry.revision is not None,
                "installed": str(folder) if folder else None,
                "revision": here.revision if here else "",
                "precision": arithmetic(folder) if here and folder and not here.problem else "",
                "problem": here.problem if here else "",
                "note": entry.note,
            }
        )
    return rows


def _shown(value: object) -> str:
    if isinstance(value, SecretStr):
        return "set"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return "not set" if value is None else str(value)


def text(found: dict[str, Any]) -> str:
    """The screen of `assistant status`."""
    index = found["index"]
    lines = [f"Index      {index['place']}"]
    if "problem" in index:
        lines.append(f"           {index['problem']}")
    else:
        lines += [
            f"           {index['documents']:,} documents, {index['chunks']:,} passages, "
            f"updated {index['updated']}",
            f"           encoder {index['encoder']}, tokeniser {index['tokeniser']}",
            f"           retraction snapshot: {index['retraction_snapshot'] or 'none'}",
        ]
    egress = ", ".join(found["egress"])
    lines.append(f"Egress     {'may call ' + egress if egress else 'off: nothing leaves this machine'}")
    audit, words = found["audit"], found["settings"]["audit_text"]["value"] == "True"
    kept = f"each answer, {'in words' if words else 'without its words'}, in {audit}"
    lines.append(f"Audit      {kept if audit else 'off: no answer is recorded'}")
    here = [f"{m['id']} ({m['precision']})" for m in found["models"] if m["installed"] and not m["problem"]]
    lines.append(f"Models     on this machine: {', '.join(here) or 'none'}  (assistant models list)")
    lines.append("Settings")
    for name, setting in found["settings"].items():
        lines.append(f"  {name:20} {setting['value']:45} {setting['from']}")
    return "\n".join(lines)


def models_text(rows: list[dict[str, Any]]) -> str:
    """The table of `assistant models list`."""
    lines = [f"{'name':16} {'kind':14} {'domain':11} {'size':>6} {'licence':22} here"]
    for row in rows:
        size = f"{row['parameters_millions']:g}M" if row["parameters_millions"] else "-"
        if row["installed"]:
            here = row["problem"] or f"yes ({row['revision'][:15]}, {row['precision']})"
        elif row["hub"]:
            here = f"no: assistant models pull {row['id']}"
        else:
            here = "-" if row["kind"] in ("none", "service") else "no"
        pinned = "" if row["pinned"] or not row["hub"] else " (not pinned)"
        lines.append(
            f"{row['id']:16} {row['kind']:14} {row['domain'] or '-':11} {size:>6} "
            f"{row['licence'] or '-':22} {here}{pinned}"
        )
    return "\n".join(lines)
