"""`assistant models ...` and `assistant fetch ...`: what is brought to this machine."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.options import JsonOption, printed, settings

models_app = typer.Typer(help="What is installed; download, pinned and checked.", no_args_is_help=True)
fetch_app = typer.Typer(help="Fill a folder from a public source.", no_args_is_help=True)


@models_app.command("list")
def models_list(as_json: JsonOption = False) -> None:
    """Every model of the catalogue, and whether it is on this machine."""
    from assistant.status import models_report, models_text

    found = models_report(settings().settings)
    if as_json:
        printed(found)
    else:
        print(models_text(found))


@models_app.command("pull")
def models_pull(
    name: Annotated[str, typer.Argument(help="A name of the catalogue, or owner/model.")],
) -> None:
    """Download a model, pinned and checked; goes on where an earlier call stopped."""
    from assistant.models import pull
    from assistant.progress import counting

    with counting() as progress:
        folder = pull(name, settings().settings.models, progress)
    print(f"{name} is in {folder}")


@models_app.command("check")
def models_check(as_json: JsonOption = False) -> None:
    """Compare the files of every installed model with their digests. Exit status 1 when one differs."""
    from assistant.status import models_report

    rows = [m for m in models_report(settings().settings) if m["installed"]]
    if as_json:
        printed(rows)
    else:
        for row in rows:
            print(f"{row['id']:16} {row['problem'] or 'as it was installed'}  ({row['installed']})")
    if any(row["problem"] for row in rows):
        raise typer.Exit(1)


@models_app.command("optimise")
def models_optimise(
    name: Annotated[str, typer.Argument(help="A cross-encoder: a name of the catalogue, or a folder.")],
    out: Annotated[Path | None, typer.Option("--out", help="The new folder; else NAME-int8.")] = None,
) -> None:
    """Make a cross-encoder of the BERT family several times faster: int8, in a folder of its own."""
    from ingest.sample import calibration
    from rerankers.optimise import optimise

    given = settings().settings
    folder = optimise(name, given.models, calibration(), out, given.threads)
    print(f"{name} in int8 is in {folder}. Use it: --reranker {folder}")


@fetch_app.command("pubmed")
def fetch_pubmed(
    query: Annotated[str, typer.Argument(help="As typed into PubMed.")],
    folder: Annotated[Path, typer.Option("--out", help="The folder to fill.")],
    email: Annotated[str, typer.Option(envvar="NCBI_EMAIL", help="NCBI asks for one.")] = "",
    maximum: Annotated[int, typer.Option("--max", min=1)] = 1000,
    api_key: Annotated[str | None, typer.Option(envvar="NCBI_API_KEY")] = None,
    base_url: Annotated[str | None, typer.Option(hidden=True)] = None,
) -> None:
    """PubMed records by NCBI's E-utilities; resumable. The query leaves this machine."""
    from assistant.progress import counting
    from ingest.fetch import BASE_URL
    from ingest.fetch import fetch_pubmed as fetch

    with counting() as progress:
        done = fetch(
            query,
            folder,
            maximum,
            email=email,
            api_key=api_key,
            base_url=base_url or BASE_URL,
            progress=lambda done, total: progress("Fetching", done, total),
        )
    print(f"{done}. Next: assistant ingest {folder}")
