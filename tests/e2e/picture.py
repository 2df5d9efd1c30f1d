"""The README's pictures: `make pictures` asks the sample library and writes docs/*.png."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import sync_playwright

QUESTION = "Can metformin be continued when the eGFR falls below 30?"
LARGEST = 400_000  # bytes
PATIENCE = 180  # seconds that a loaded machine may take over one step


@contextmanager
def sample_chat() -> Iterator[str]:
    """`assistant chat` on the sample library in an index that goes afterwards: its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        own = {
            "ASSISTANT_INDEX": f"{folder}/index",
            "ASSISTANT_CACHE": f"{folder}/cache",
            "ASSISTANT_HISTORY": "false",
            "XDG_DATA_HOME": f"{folder}/data",
        }
        start = "from assistant.cli import main; main()"
        command = [sys.executable, "-c", start, "chat", "--sample", "--port", str(port)]
        running = subprocess.Popen(command, env={**os.environ, **own})
        try:
            answering(port, running)
            yield f"http://127.0.0.1:{port}/"
        finally:
            running.terminate()
            running.wait(20)


def answering(port: int, running: "subprocess.Popen[bytes]") -> None:
    """Wait until the page is up. SystemExit where it ends before, or takes too long."""
    end = time.monotonic() + PATIENCE
    while running.poll() is None and time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("the chat did not start; its lines above say why")


@contextmanager
def page_on(address: str) -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(
            viewport={"width": 1280, "height": 800}, color_scheme="light", reduced_motion="reduce"
        )
        page.set_default_timeout(PATIENCE * 1000)
        page.goto(address)
        page.wait_for_selector("#examples button")
        yield page
        browser.close()


def ask(page: Any, question: str = QUESTION) -> None:
    page.fill("#box textarea", question)
    page.press("#box textarea", "Enter")
    page.wait_for_function(
        "q => document.querySelector('#current .colophon')"
        " && document.querySelector('#current .question').innerText.endsWith(q)",
        arg=question,
    )
    page.wait_for_selector("#go", state="visible")


def answer(page: Any) -> None:
    ask(page)
    page.locator("#current a.cite").first.click()
    page.wait_for_selector("#current details.card[open]")
    page.mouse.move(2, 2)
    page.locator("#current .question").evaluate("e => e.scrollIntoView()")


def compare(page: Any) -> None:
    page.get_by_role("tab", name="Compare").click()
    page.wait_for_selector("#judged .kept")
    page.fill("#compare-box textarea", QUESTION)
    page.press("#compare-box textarea", "Enter")
    page.wait_for_selector("#comparison .agreement")
    page.wait_for_selector("#compare-go", state="visible")
    moved = page.locator("#comparison .side").last.locator(".row:has(.moved.up) summary").first
    moved.evaluate("e => e.focus({ preventScroll: true })")
    page.wait_for_selector("#comparison .followed")
    page.locator("#comparison h2").evaluate("e => e.scrollIntoView()")


def library(page: Any) -> None:
    page.get_by_role("tab", name="Library").click()
    page.wait_for_selector("#shelf-titles .entry")
    page.mouse.move(2, 2)
    page.evaluate("scrollTo(0, 0)")


def main(folder: Path) -> None:
    with sample_chat() as address, page_on(address) as page:
        for show in (answer, compare, library):
            show(page)
            file = folder / f"{show.__name__}.png"
            page.screenshot(path=file, animations="disabled")
            print(f"{file}: {file.stat().st_size // 1000} kB")
            if file.stat().st_size > LARGEST:
                raise SystemExit(f"{file} is larger than {LARGEST // 1000} kB")


if __name__ == "__main__":
    main(Path("docs"))
