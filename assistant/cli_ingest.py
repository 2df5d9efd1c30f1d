"""`assistant ingest`: files into the index."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.errors import UsageError
from assistant.options import IndexOption, JsonOption, note, printed, settings


def ingest(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files and folders.", show_default=False)] = None,
    index: IndexOption = None,
    encoder: Annotated[str | None, typer.Option(help="The encoder of a new index.")] = None,
    format_: Annotated[
        str, typer.Option("--format", help="auto, pubmed, jats, beir, markdown, text or pdf.")
    ] = "auto",
    limit: Annotated[int | None, typer.Option(help="At most so many documents.", min=1)] = None,
    remove: Annotated[
        list[str] | None, typer.Option(help="A document id to take out; may be repeated.")
    ] = None,
    yes_send: Annotated[
        bool, typer.Option("--yes-send-documents", help="Whole documents may go to the encoder's service.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """Add files to the index. The same file twice adds nothing; a changed document is replaced."""
    from assistant import build
    from assistant.progress import ingesting
    from ingest.run import ingest as run

    if not paths and not remove:
        raise UsageError("nothing to do: name files or folders, or --remove ID")
    loaded = settings(index=index, encoder=encoder, embeddings_documents=yes_send or None)
    library, model = build.open_library(loaded, create=bool(paths))
    with library:
        model = build.consented(model, loaded, paths or [], confirmed) if paths else model
        gone = library.remove(remove) if remove else 0
        with ingesting(quiet=as_json) as progress:
            report = run(paths or [], library, model, format=format_, limit=limit, progress=progress)
    sent = build.documents_sent(loaded.settings, model, report.documents)
    if as_json:
        printed(
            {
                "documents": report.documents,
                "chunks": report.chunks,
                "unchanged": report.unchanged,
                "replaced": report.replaced,
                "removed": report.removed + gone,
                "skipped": [
                    {"source": s.source, "place": s.place, "reason": s.reason} for s in report.skipped
                ],
                "seconds": round(report.seconds, 2),
                "egress": [{"service": left.service, "what": left.what} for left in sent],
            }
        )
        return
    print(
        f"{report.documents} documents written as {report.chunks} passages "
        f"({report.replaced} replaced, {report.unchanged} unchanged, {report.removed + gone} removed, "
        f"{len(report.skipped)} skipped) in {report.seconds:.1f} s"
    )
    for left in sent:
        print(f"Left this machine: {left.what}, to {left.service}")
    for s in report.skipped[:20]:
        note(f"skipped {s.source} {s.place}: {s.reason}")
    if len(report.skipped) > 20:
        note(f"... and {len(report.skipped) - 20} more; --json lists them all")


def confirmed(what: str) -> bool:
    """Whether a person at a terminal says yes."""
    return sys.stdin.isatty() and typer.confirm(what, err=True)
