"""The Library tab in a browser: files go in, are found, asked for removal twice, and stay text."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant.config import Settings
from assistant.encoders import HashEncoder
from assistant.index.store import open_index
from assistant.shelf import Shelf
from tests import scripted
from ui.render import LibraryCard
from ui.uploads import Uploads

pytestmark = scripted.GRADIO_WARNS

SPIKED = (
    "# Warfarin <script>document.title='taken'</script> ![x](http://evil.example/x.png)\n\n"
    "<table><tr><td>Five.</td></tr></table>\n"
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Shelf, Path]]:
    folder = tmp_path_factory.mktemp("library")
    index = open_index(Settings(index=folder / "index"), HashEncoder(16), create=True)
    with index:
        shelf = Shelf(index, HashEncoder(16))

        def card() -> LibraryCard:
            about = index.manifest
            return LibraryCard(
                documents=about.documents,
                chunks=about.chunks,
                updated=about.updated,
                encoder="hash",
                reranker="none",
            )

        uploads = Uploads(folder / "uploads")
        with scripted.running(scripted.ask, card, shelf=shelf, uploads=uploads, local=True) as url:
            yield url, shelf, folder
        shelf.close()


def opened(visit: Callable[..., Any], url: str, **more: Any) -> Any:
    page = visit(url, **more)
    page.get_by_role("tab", name="Library").click()
    page.locator("#shelf-titles .soft").first.wait_for()
    return page


def test_files_from_the_browser_are_added_found_and_removed(
    visit: Callable[..., Any], place: tuple[str, Shelf, Path], tmp_path: Path
) -> None:
    url, shelf, folder = place
    for name, text in (("a.md", SPIKED), ("b.md", "# Aspirin\n\nWords.\n"), ("c.md", "x" * 2000)):
        (tmp_path / name).write_text(text, "utf-8")
    page = opened(visit, url)
    page.get_by_text("Nothing is in the library yet").wait_for()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="Choose files").click()
    chooser.value.set_files([tmp_path / name for name in ("a.md", "b.md")])
    page.get_by_text("2 documents added as").wait_for()
    page.locator("#header").get_by_text("2 documents").wait_for()
    assert page.title() != "taken"
    titles = page.locator("#shelf-titles")
    assert titles.locator("script, img, table").count() == 0
    titles.get_by_text("<script>document.title='taken'</script>").first.wait_for()
    assert not list((folder / "uploads").rglob("*.md"))

    page.get_by_label("Find by title, journal, year or number").fill("aspi")
    page.get_by_text("1 to 1 of 1 document").wait_for()
    page.get_by_role("button", name="Remove Aspirin").click()
    page.keyboard.press("Escape")
    assert shelf.about.documents == 2
    page.get_by_role("button", name="Remove Aspirin").click()
    page.get_by_role("button", name="Remove for good? Click again Aspirin").click()
    page.get_by_text("Removed: Aspirin").wait_for()
    page.get_by_text("No title has all of these words").wait_for()
    assert [s.metadata.title[:8] for s in shelf.sources()] == ["Warfarin"]


def test_a_folder_of_this_machine_and_what_is_skipped(
    visit: Callable[..., Any], place: tuple[str, Shelf, Path], tmp_path: Path
) -> None:
    url, _, _ = place
    (tmp_path / "note.md").write_text("# Metformin\n\nWords.\n" + "x" * (1 << 20), "utf-8")
    (tmp_path / "scan.png").write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0")
    page = opened(visit, url, width=360)
    path = page.get_by_label("Or a file or folder of this machine")
    path.fill("no/such")
    path.press("Enter")
    page.get_by_text("give the whole path").wait_for()
    path.fill(str(tmp_path))
    path.press("Enter")
    page.get_by_text("1 document added as").wait_for()
    page.get_by_text("1 skipped, and why").click()
    page.get_by_text("scan.png").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Read the files again").click()
    page.get_by_text("1 unchanged").wait_for()
