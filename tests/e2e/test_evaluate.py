"""An evaluation started, watched and stopped in a real browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests import scripted
from tests.e2e.test_chat import answered, overflow
from tests.e2e.test_compare import opened
from tests.scripted_bench import Bench
from ui.judgements import Judgements

pytestmark = [pytest.mark.browser, scripted.GRADIO_WARNS]
Visit = Callable[..., Any]


def running(folder: Path, bench: Bench) -> Any:
    return scripted.running(
        scripted.ask, lambda: scripted.CARD, bench=bench, judgements=Judgements(folder / "judgements")
    )


def test_progress_is_seen_stop_works_and_questions_are_answered(visit: Visit, tmp_path: Path) -> None:
    bench = Bench(tmp_path, questions=100_000)
    with running(tmp_path, bench) as url:
        page = visit(url)
        opened(page, "Evaluate")
        page.click("#evaluate-go")
        page.wait_for_selector("#evaluate-status :text('of 100,000 ·')")
        assert "Ranking by late" in page.inner_text("#evaluate-status")
        opened(page, "Ask")
        answered(page)
        other = visit(url)
        opened(other, "Evaluate")
        other.wait_for_selector("#evaluate-status :text('of 100,000 ·')")
        other.click("#evaluate-halt")
        other.wait_for_selector("#evaluate-status :text('Stopped. What was computed is kept')")
        opened(page, "Evaluate")
        page.wait_for_selector("#evaluate-go", state="visible")
    assert bench.asked == [("sample", ("late", "bundled"), 50)]


@pytest.mark.parametrize("width", [360, 1280])
def test_the_tables_stand_in_the_page_and_the_report_is_saved(
    visit: Visit, tmp_path: Path, width: int
) -> None:
    with running(tmp_path, Bench(tmp_path, questions=3)) as url:
        page = visit(url, width=width)
        opened(page, "Evaluate")
        page.click("#evaluate-go")
        page.wait_for_selector("#evaluation .measured")
        said = page.inner_text("#evaluation .said")
        assert "▲ late ranks better than the search alone" in said
        assert "95 % interval" in said
        assert "0.700 [0.700, 0.700]" in page.inner_text("#evaluation table")
        assert overflow(page) <= 0
        with page.expect_download() as saved:
            page.click("#evaluation .report")
        assert "<title>report</title>" in Path(saved.value.path()).read_text()


def test_own_judgements_are_asked_for_first(visit: Visit, tmp_path: Path) -> None:
    with running(tmp_path, Bench(tmp_path)) as url:
        page = visit(url)
        opened(page, "Evaluate")
        page.get_by_label("Our own judgements").check()
        page.click("#evaluate-go")
        page.wait_for_selector("#evaluate-status :text('Nothing is judged yet')")
