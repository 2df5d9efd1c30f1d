"""What a reader saves: the page's script hands over an answer, and makes a file of what comes back.

No route serves a file: it comes as base64 inside the page, and history.js makes a Blob of it.
"""

import base64
import json

from assistant.errors import FormatError
from assistant.types import Answer
from ui import export
from ui.chat import explain
from ui.evidence import text
from ui.packed import unpacked
from ui.parts import html

TYPES = {"md": "text/markdown", "pdf": "application/pdf", "ris": "application/x-research-info-systems"}
AT_ONCE = 2  # files that are made; a PDF takes most of a second


def bridge() -> None:
    """The hidden parts, inside the open gr.Blocks."""
    import gradio as gr

    with gr.Row(elem_classes="bridge"):
        message = gr.Textbox(elem_id="save-message", label="From the page")
        say = gr.Button("Save", elem_id="save-say")
        made = html(name="save-made")
    say.click(
        handed,
        message,
        made,
        show_progress="hidden",
        api_visibility="private",
        concurrency_limit=AT_ONCE,
        concurrency_id="save",
    )


def handed(message: str) -> str:
    """{"as": "md" | "pdf" | "ris", "answer": packed, "mark": the page's own} -> safe HTML with the file."""
    mark = ""
    try:
        said = json.loads(message)
        kind, mark = str(said["as"]), str(said["mark"])
        answer = unpacked(str(said["answer"]))
        found = {"body": base64.b64encode(written(answer, kind)).decode()}
        found |= {"name": export.file_name(answer, kind), "type": TYPES[kind]}
    except (ValueError, KeyError, TypeError):
        found = {"failed": "The page sent no answer; load it again."}
    except Exception as error:
        found = {"failed": explain(error)}
    parts = (f'<span class="{name}">{text(value)}</span>' for name, value in {"mark": mark, **found}.items())
    return f'<span class="made">{"".join(parts)}</span>'


def written(answer: Answer, kind: str) -> bytes:
    match kind:
        case "md":
            return export.markdown(answer).encode()
        case "ris":
            return export.ris(answer).encode()
        case "pdf":
            from ui.pdf import pdf

            return pdf(answer)
    raise FormatError("an answer is saved as Markdown, PDF or RIS")
