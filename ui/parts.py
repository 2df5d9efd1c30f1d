"""Gradio components as this page uses them."""

from typing import Any


def html(value: str = "", name: str | None = None, **more: Any) -> Any:
    """Safe HTML of ui.render on one line.

    gr.HTML evaluates its template in the browser, which the content policy forbids; Markdown sanitises.
    """
    import gradio as gr

    return gr.Markdown(value, elem_id=name, latex_delimiters=[], container=False, **more)


def reader() -> str:
    """The log-in name of whoever sent the event that is being handled, "" without a password."""
    from gradio.context import LocalContext

    return getattr(LocalContext.request.get(None), "username", None) or ""
