"""The History tab: conversations that are kept on this machine, to search, reopen and delete."""

import json
from datetime import datetime
from typing import Any

from ui import render
from ui.chat import explain
from ui.conversations import SHOWN, Listing, Row
from ui.desk import Conversations
from ui.evidence import text
from ui.parts import html

KEPT = (
    "What you ask and what is answered is kept on this machine until you delete it, in a file that only its"
    " owner's account can read. It holds your words as you typed them; the logs do not. With a password, you"
    " see what was kept under your log-in name; who knows the password can take any name. Deleting is for"
    " good: what is deleted is overwritten in the file, though a backup of it may have more."
)


def tab(kept: Conversations, shown: Any) -> None:
    """The content of the open gr.Tab `shown`."""
    import gradio as gr

    def listed(search: str) -> str:
        try:
            return listing(kept.listing(search), search)
        except Exception as error:
            return render.line(explain(error))

    def erased(message: str, search: str) -> tuple[str, str]:
        """`message`: {"erase": an id, or "all"}."""
        try:
            said = json.loads(message)["erase"]
            gone = kept.delete_all() if said == "all" else kept.delete(str(said))
        except Exception as error:
            return listed(search), render.line(explain(error))
        answers = "1 answer" if gone == 1 else f"{gone:,} answers"
        return listed(search), render.line(f"Deleted for good: {answers}.", "quiet")

    html(about(str(kept.path)), "history-about")
    search = gr.Textbox(
        label="Search your questions and answers",
        elem_id="history-search",
        max_lines=1,
        max_length=200,
        placeholder="warfarin INR",
    )
    status = html(name="history-status")
    rows = html(name="history-rows")
    with gr.Row(elem_classes="bridge"):
        message = gr.Textbox(elem_id="erase-message", label="From the page")
        erase = gr.Button("Delete", elem_id="erase-say")
    quiet: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_limit": 4,
        "concurrency_id": "history",
    }
    shown.select(listed, search, rows, **quiet)  # an answer that comes late must not wipe the status
    search.change(listed, search, rows, trigger_mode="always_last", **quiet)
    erase.click(erased, [message, search], [rows, status], **quiet)


def about(path: str) -> str:
    return (
        f'<section class="about"><h2>Conversations</h2><p>{text(KEPT)}</p>'
        f"<p>The file: <code>{text(path)}</code> · to keep none: the setting <code>history = false</code></p>"
        "</section>"
    )


def listing(found: Listing, search: str) -> str:
    if not found.rows:
        words = f'None holds "{search.strip()}".' if search.strip() else "None is kept yet."
        return render.line(words, "quiet")
    many = f"{found.found:,} {'conversation' if found.found == 1 else 'conversations'}"
    more = f"; the newest {SHOWN} are listed, a search finds the others" if found.found > SHOWN else ""
    everything = '<button class="erase" id="erase-all">Delete all conversations</button>'
    items = "".join(map(item, found.rows))
    return f'<p class="many">{many}{more}</p><ul class="conversations">{items}</ul><p>{everything}</p>'


def item(row: Row) -> str:
    question = text(row.question) or "(no words)"
    parts = [
        spoken(row.when),
        "1 answer" if row.count == 1 else f"{row.count:,} answers",
        *([f"△ {row.damaged:,} damaged"] if row.damaged else []),
    ]
    return (
        f'<li><a class="reopen" href="#c={text(row.id)}">{question}</a>'
        f'<span class="meta">{" · ".join(parts)}</span>'
        f'<button class="erase" id="erase-{text(row.id)}">Delete'
        f'<span class="heard"> the conversation: {question}</span></button></li>'
    )


def spoken(when: str) -> str:
    """In the time zone of this machine, to the minute."""
    try:
        return datetime.fromisoformat(when).astimezone().strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return "at an unknown time"
