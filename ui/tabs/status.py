"""The Status tab: what works, what does not and how to mend it, what may leave this machine (C10, C12)."""

import asyncio
import html as escaping
import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from assistant.loopback import here
from ui import render
from ui.chat import explain
from ui.desk import Desk
from ui.evidence import text
from ui.parts import html

Report = Mapping[str, Any]
SERVICES = {  # service -> the settings with its address and key, and what goes there
    "llm": ("llm_url", "llm_api_key", "the question and the passages that answer it"),
    "cohere": ("cohere_url", "cohere_api_key", "the question and the passages to be ranked"),
    "embeddings": (
        "embeddings_url",
        "embeddings_api_key",
        "the question; whole documents while they are added",
    ),
    "qdrant": ("qdrant_url", "qdrant_api_key", "the question and the documents, as numbers and in words"),
}


def tab(desk: Desk, shown: Any) -> None:
    """The tab's content, inside the open `shown`."""
    import gradio as gr

    status = desk.status
    if status is None:
        return

    async def look() -> str:
        try:
            return page(await asyncio.to_thread(status))
        except Exception as error:
            return render.line(explain(error))

    said = html(name="state")
    again = gr.Button("Look again", elem_id="state-look", scale=0)
    for trigger in (shown.select, again.click):
        trigger(
            look,
            None,
            said,
            show_progress="hidden",
            api_visibility="private",
            concurrency_limit=None,
        )


def page(found: Report) -> str:
    """All of `status --json`, with {"versions": name -> version, "history": file or None}, in one place."""
    return "".join(
        section(head, body)
        for head, body in (
            ("How it stands", standing(mends(found))),
            ("What may leave this machine", leaving(found)),
            ("What is kept on this machine", keeping(found)),
            ("Library", indexed(found["index"])),
            ("Models", models(found["models"])),
            (
                "Versions",
                facts([(name, text(str(v))) for name, v in sorted(found.get("versions", {}).items())]),
            ),
        )
    )


def section(head: str, body: str) -> str:
    return f'<section class="state"><h2>{head}</h2>{body}</section>'


def facts(rows: Sequence[tuple[str, str]]) -> str:
    """Names that are ours, values that are safe HTML."""
    return (
        f'<dl class="facts">{"".join(f"<dt>{text(name)}</dt><dd>{value}</dd>" for name, value in rows)}</dl>'
    )


def value(found: Report, name: str) -> str:
    """A setting in words; "" where it is not set."""
    said = str(found["settings"].get(name, {}).get("value", ""))
    return "" if said in ("not set", "none") else said


def mends(found: Report) -> list[tuple[str, str]]:
    """What is degraded, and the command that mends it ("": none does)."""
    lines = []
    index, by_id = found["index"], {model["id"]: model for model in found["models"]}
    if "problem" in index:
        lines.append((index["problem"], "assistant ingest PATH"))
    elif not index["documents"]:
        lines.append(("The library is empty: add documents on the Library tab", ""))
    lines += [
        (f"{m['id']}: {m['problem']}", f"assistant models pull {m['id']}" if m["hub"] else "")
        for m in found["models"]
        if m["installed"] and m["problem"]
    ]
    wanted = by_id.get(value(found, "reranker"))
    if wanted is not None and wanted["hub"] and not wanted["installed"]:
        lines.append(
            (
                f"{wanted['id']} is to rank and is not on this machine: another ranks in its place",
                f"assistant models pull {wanted['id']}",
            )
        )
    for name in needed(found):
        if name not in found["egress"]:
            allowed = ",".join([*found["egress"], name])
            lines.append(
                (f"{name} is chosen and may not be called", f"export ASSISTANT_EGRESS={shlex.quote(allowed)}")
            )
        elif name == "cohere" and value(found, "cohere_api_key") != "set":
            lines.append(("cohere may be called, and its key is not set", ""))
    return lines


def needed(found: Report) -> list[str]:
    """Services elsewhere that the settings choose."""
    chosen = []
    if value(found, "generator") == "llm" or value(found, "reranker").startswith("llm"):
        chosen.append("llm")
    if "cohere" in value(found, "reranker"):
        chosen.append("cohere")
    if str(found["index"].get("encoder", "")).startswith("openai:"):
        chosen.append("embeddings")
    if value(found, "qdrant_url"):
        chosen.append("qdrant")
    return [name for name in chosen if not here(value(found, SERVICES[name][0]))]


def standing(lines: Sequence[tuple[str, str]]) -> str:
    if not lines:
        return '<p><span class="good">✓ Nothing is degraded.</span></p>'
    count = "1 thing is not as it" if len(lines) == 1 else f"{len(lines)} things are not as they"
    items = "".join(f"<li>{text(words)}{command(mend)}</li>" for words, mend in lines)
    return f'<p><span class="poor">△ {count} should be:</span></p><ul>{items}</ul>'


def command(line: str) -> str:
    """A line for a terminal, with a button that copies it."""
    if not line:
        return ""
    shown = escaping.escape(line)
    copy = '<button type="button" class="copy">Copy</button>'
    return f'<p class="mend"><code class="plain">{shown}</code>{copy}</p>'


def leaving(found: Report) -> str:
    """Services that may be called, by name and host; a key is set or not, and never shown."""
    if not found["egress"]:
        return '<p><span class="good">✓ Nothing.</span> No service may be called; all is computed here.</p>'
    used, items = needed(found), []
    for name in found["egress"]:
        address, key, what = SERVICES[name]
        host = urlsplit(value(found, address)).hostname or "its usual address"
        state = "in use" if name in used else "allowed, not in use now"
        known = "key set" if value(found, key) == "set" else "no key"
        items.append(f"<li><strong>{text(name)}</strong> ({text(host)}; {state}; {known}): {what}</li>")
    more = "<p>Each text is looked through for a patient's identifying details before it is sent.</p>"
    return f"<ul>{''.join(items)}</ul>{more}"


def keeping(found: Report) -> str:
    audit, words = found["audit"], value(found, "audit_text") == "True"
    history = found.get("history")
    return facts(
        [
            (
                "Audit",
                f"on, {'in words' if words else 'without words'}: {text(audit)}"
                if audit
                else "off: no answer is recorded",
            ),
            ("History", f"on: {text(str(history))}" if history else "off: conversations go with the page"),
            ("Library", text(found["index"]["place"])),
        ]
    )


def indexed(index: Report) -> str:
    if "problem" in index:
        return f"<p>{text(index['problem'])}</p>"
    snapshot = index["retraction_snapshot"]
    return facts(
        [
            ("Size", f"{index['documents']:,} documents, {index['chunks']:,} passages"),
            ("Last changed", text(index["updated"][:16].replace("T", " "))),
            ("Vectors by", text(index["encoder"][:80])),
            ("Retractions", text(snapshot[:10]) if snapshot else "known only as the records themselves say"),
        ]
    )


def models(found: Sequence[Report]) -> str:
    """Those on this machine; the rest folded, each with the command that brings it."""
    present = [
        f"<li><strong>{text(m['id'])}</strong> {text(m['kind'])}, {text(m['precision'])}</li>"
        for m in found
        if m["installed"] and not m["problem"]
    ]
    absent = [
        f"<li>{text(m['id'])} {text(m['kind'])}"
        f"{', ' + text(m['domain']) if m['domain'] else ''}{command('assistant models pull ' + m['id'])}</li>"
        for m in found
        if not m["installed"] and m["hub"]
    ]
    head = f"<summary>{len(absent)} more can be had</summary>"
    more = f'<details class="notes">{head}<ul>{"".join(absent)}</ul></details>'
    return f"<ul>{''.join(present) or '<li>none</li>'}</ul>{more if absent else ''}"
