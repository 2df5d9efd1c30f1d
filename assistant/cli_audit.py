"""`assistant audit ...`: whether the record of answers still is what was written."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from assistant.errors import UsageError
from assistant.options import JsonOption, printed, settings

audit_app = typer.Typer(help="The record of answers, chained by hash.", no_args_is_help=True)


@audit_app.callback()
def audit() -> None:
    """The record of answers, chained by hash."""


@audit_app.command("check")
def audit_check(
    folder: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="The folder; by default the setting audit.")
    ] = None,
    kept: Annotated[
        str, typer.Option("--head", help="A digest that an earlier check gave; it must still be there.")
    ] = "",
    as_json: JsonOption = False,
) -> None:
    """Find changed, removed, inserted and reordered records. Exit status 1 when there is one."""
    from assistant.audit import check

    folder = folder or settings().settings.audit
    if folder is None:
        raise UsageError("the audit is off; name the folder of a log, or set ASSISTANT_AUDIT")
    found = check(folder, kept)
    if as_json:
        printed(asdict(found))
    else:
        for problem in found.problems:
            place = f"{problem.file} line {problem.line}" if problem.line else problem.file
            print(f"{place}: {problem.reason}")
        count = f"{found.records:,} records in {found.files:,} file{'s' * (found.files != 1)}"
        print(f"{count}: {len(found.problems) or 'no'} problem{'s' * (len(found.problems) != 1)}")
        print(f"head {found.head}  (keep it elsewhere; later: assistant audit check --head DIGEST)")
    if found.problems:
        raise typer.Exit(1)
