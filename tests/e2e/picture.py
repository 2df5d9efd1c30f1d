"""The README's picture: `python -m tests.e2e.picture ADDRESS FILE` while `assistant chat` runs there."""

import shutil
import sys

from playwright.sync_api import sync_playwright

QUESTION = "Can metformin be continued when the eGFR falls below 30?"


def take(address: str, file: str) -> None:
    """Ask, open the first citation, and save what a reader sees at 1280 x 800."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(address)
        page.get_by_role("textbox").fill(QUESTION)
        page.get_by_role("textbox").press("Enter")
        page.locator(".colophon").wait_for(timeout=60_000)
        page.locator(".turn a", has_text="[1]").first.click()
        page.wait_for_timeout(600)
        page.screenshot(path=file)
        browser.close()


if __name__ == "__main__":
    take(*sys.argv[1:3])
