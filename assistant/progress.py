"""Progress bars with a rate and what is left, on standard error; nothing where nobody watches."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from ingest.run import Progress as Ingested


@contextmanager
def bars(*columns: Any) -> Iterator[Progress]:
    with Progress(
        TextColumn("{task.description}"),
        *columns,
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    ) as shown:
        yield shown


@contextmanager
def ingesting(*, quiet: bool = False) -> Iterator[Callable[[Ingested], None]]:
    """For `ingest.run`: files done, documents, rate, skips. The number of documents is not known ahead."""
    with bars(BarColumn(), TextColumn("{task.fields[said]}")) as shown:
        task = shown.add_task("Ingesting", total=None, said="", visible=not quiet)

        def tell(now: Ingested) -> None:
            said = (
                f"{now.read:,} documents, {now.rate:.0f}/s; file {now.files + 1} of {now.files_total}; "
                f"{now.unchanged:,} unchanged, {now.skipped:,} skipped"
            )
            shown.update(task, completed=now.files, total=now.files_total, said=said)

        yield tell


@contextmanager
def counting() -> Iterator[Callable[[str, int, int], None]]:
    """For work that names its stage and counts (stage, done, total): a bar a stage, with the time left."""
    with bars(BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()) as shown:
        tasks: dict[str, Any] = {}

        def tell(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = shown.add_task(stage, total=total)
            shown.update(tasks[stage], completed=done, total=total)

        yield tell
