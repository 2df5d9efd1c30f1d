"""The Library tab: what is in it, adding by upload or from this machine, taking out, reading again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, TypeVar

from assistant.errors import UsageError
from assistant.shelf import Shelf
from assistant.types import Skipped
from ui import library, render
from ui.chat import explain
from ui.desk import Desk
from ui.parts import html
from ui.tabs.ask import parsed
from ui.uploads import Uploads

WATCHED = 0.5  # seconds between two looks at what is under way
REFUSED = 1_000  # names that a page may say were refused
_T = TypeVar("_T")


def tab(desk: Desk, blocks: Any, shown: Any) -> None:
    """The tab's content, inside the open `shown`. Nothing without a shelf."""
    import gradio as gr

    if desk.shelf is None or desk.uploads is None:
        return
    shelf, uploads = desk.shelf, desk.uploads
    root = str(uploads.taken)
    header = next(b for b in blocks.blocks.values() if getattr(b, "elem_id", None) == "header")

    def facts() -> tuple[Any, ...]:
        return library.about(shelf.about), render.header(desk.describe())

    def busy(now: str) -> tuple[Any, ...]:
        return gr.skip(), gr.skip(), now, gr.update(visible=True), gr.skip(), gr.skip()

    def settled(words: str, page: int, told: str = "") -> tuple[Any, ...]:
        now = told or library.task(shelf.task, root)
        return (
            *facts(),
            now,
            gr.update(visible=False),
            library.listing(shelf.sources(), words, page, root),
            page,
        )

    async def watched(words: str, page: int) -> AsyncIterator[tuple[Any, ...]]:
        """What is under way until it ends, then all of it as it is."""
        last = ""
        while shelf.running:
            if (now := library.task(shelf.task, root)) != last:
                yield busy(now)
                last = now
            await asyncio.sleep(WATCHED)
        yield await settling(words, page)

    async def settling(words: str, page: int, told: str = "") -> tuple[Any, ...]:
        try:
            return await asyncio.to_thread(settled, words, page, told)
        except Exception as error:
            problem = render.line(explain(error))
            return gr.skip(), gr.skip(), problem, gr.update(visible=False), gr.skip(), page

    async def doing(what: Callable[[], object], words: str, page: int) -> AsyncIterator[tuple[Any, ...]]:
        try:
            await asyncio.to_thread(what)
        except Exception as error:
            told = render.line(explain(error))
            yield busy(told) if shelf.running else await settling(words, page, told)
            return
        async for now in watched(words, page):
            yield now

    async def opened(words: str, page: int) -> AsyncIterator[tuple[Any, ...]]:
        async for now in watched(words, page):
            yield now

    async def said(message: str, words: str, page: int) -> AsyncIterator[tuple[Any, ...]]:
        match parsed(message):
            case {"do": "take", "batch": str(batch), "refused": list(names)}:
                async for now in doing(lambda: take(shelf, uploads, batch, refusals(names)), words, 0):
                    yield now
            case {"do": "remove", "key": str(key)}:
                yield await removed(key, words, page)
            case {"do": "page", "n": int(n)}:
                yield await settling(words, n)

    async def removed(key: str, words: str, page: int) -> tuple[Any, ...]:
        try:
            title = await asyncio.to_thread(shelf.remove, key)
        except Exception as error:
            return await settling(words, page, render.line(explain(error)))
        gone = f"Removed: {library.cut(title)}" if title else "It is not in the library any more."
        return await settling(words, page, render.line(gone, "quiet"))

    async def from_here(path: str, words: str) -> AsyncIterator[tuple[Any, ...]]:
        async for now in doing(lambda: shelf.add([local(path)], f"Adding {path.strip()}"), words, 0):
            yield now

    async def again(words: str, page: int) -> AsyncIterator[tuple[Any, ...]]:
        async for now in doing(shelf.refresh, words, page):
            yield now

    async def find(words: str) -> tuple[Any, ...]:
        sources = await asyncio.to_thread(shelf.sources)
        return library.listing(sources, words, 0, root), 0

    page = gr.State(0)
    about = html(name="shelf-about")
    html(library.adding(shelf.sends), "shelf-add")
    if desk.local:
        with gr.Row(elem_id="shelf-local"):
            path = gr.Textbox(
                label="Or a file or folder of this machine",
                placeholder="/path/to/a/folder",
                max_lines=1,
                elem_id="shelf-path",
                scale=1,
            )
            add = gr.Button("Add", elem_id="shelf-path-add", scale=0, min_width=88)
    now = html(name="shelf-now")
    halt = gr.Button("Stop adding", elem_id="shelf-stop", visible=False)
    with gr.Row(elem_id="shelf-tools"):
        words = gr.Textbox(
            label="Find by title, journal, year or number", max_lines=1, elem_id="shelf-words", scale=1
        )
        renew = gr.Button("Read the files again", elem_id="shelf-renew", scale=0, min_width=180)
    titles = html(name="shelf-titles")
    with gr.Row(elem_classes="bridge"):
        message = gr.Textbox(elem_id="shelf-message", label="From the page")
        say = gr.Button("Say", elem_id="shelf-say")

    outputs = [about, header, now, halt, titles, page]
    quiet: dict[str, Any] = {
        "show_progress": "hidden",
        "api_visibility": "private",
        "concurrency_limit": None,
    }
    shown.select(opened, [words, page], outputs, **quiet)
    say.click(said, [message, words, page], outputs, **quiet)
    renew.click(again, [words, page], outputs, **quiet)
    words.change(find, words, [titles, page], trigger_mode="always_last", **quiet)
    halt.click(shelf.stop, None, None, **quiet)
    if desk.local:
        for trigger in (add.click, path.submit):
            trigger(from_here, [path, words], outputs, **quiet)


def take(shelf: Shelf, uploads: Uploads, batch: str, refused: tuple[Skipped, ...]) -> None:
    """Ingest what was sent. Raises UsageError where nothing of it came, or another change is under way."""
    if shelf.running:
        raise UsageError("the library is being changed; wait until that is done, or stop it, and send again")
    folder, count = uploads.begin(batch)
    if not count:
        reasons = "; ".join(f"{one.source}: {one.reason}" for one in refused[:5])
        raise UsageError(f"nothing was added. {reasons or 'No file came'}")
    shelf.add([folder], f"Adding {library.many(count, 'file')}", refused=refused, after=uploads.end)


def refusals(names: list[Any]) -> tuple[Skipped, ...]:
    """What the page says that the upload refused; it may say anything."""
    return tuple(
        Skipped(source=str(one.get("name", ""))[:300], place="", reason=str(one.get("reason", ""))[:300])
        for one in names[:REFUSED]
        if isinstance(one, dict)
    )


def local(path: str) -> Path:
    """Raises UsageError unless it is the whole path of a file or folder that is there."""
    found = Path(path.strip().strip("\"'")).expanduser()
    if not path.strip() or not found.is_absolute():
        raise UsageError("give the whole path of a file or folder on the assistant's machine")
    if not found.exists():
        raise UsageError(f"{found}: there is no such file or folder")
    return found
