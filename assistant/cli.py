"""The command line. Heavy imports wait inside the commands, so that --help answers at once."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from assistant.cli_audit import audit_app
from assistant.cli_ingest import ingest
from assistant.cli_mcp import mcp_app
from assistant.cli_password import password
from assistant.cli_redact import redact
from assistant.cli_rerank import rerank_app
from assistant.cli_sources import fetch_app, models_app
from assistant.cli_train import train_app
from assistant.cli_verify import verify
from assistant.errors import AssistantError
from assistant.options import (
    BudgetOption,
    GeneratorOption,
    IndexOption,
    JsonOption,
    RerankerOption,
    RetrieverOption,
    SampleOption,
    TopK,
    note,
    printed,
    settings,
)
from eval.cli import eval_app

if TYPE_CHECKING:
    from assistant.config import Loaded
    from assistant.pipeline import Parts

app = typer.Typer(
    help="Cited answers to clinical questions from your own library. For health professionals.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(models_app, name="models")
app.add_typer(fetch_app, name="fetch")
app.add_typer(rerank_app, name="rerank")
app.add_typer(eval_app, name="eval")
app.add_typer(train_app, name="train")
app.command("ingest")(ingest)
app.command("verify")(verify)
app.command("redact")(redact)
app.add_typer(mcp_app, name="mcp")
app.command("password")(password)
app.add_typer(audit_app, name="audit")


@contextmanager
def opened(loaded: "Loaded", *, sample: bool = False) -> "Iterator[Parts]":
    """The parts over an open index, closed at the end."""
    from assistant import build

    if sample:
        fill_with_sample(loaded)
    index, encoder = build.open_library(loaded)
    with index:
        yield build.parts(loaded, index, encoder)


def fill_with_sample(loaded: "Loaded") -> None:
    """Ingest the sample library where there is no index yet, and say so."""
    import time

    from assistant import build
    from assistant.errors import IndexMissing
    from assistant.index.store import open_index
    from ingest.run import ingest
    from ingest.sample import CORPUS

    try:
        open_index(loaded.settings).close()
    except IndexMissing:
        begin = time.perf_counter()
        note("Indexing the sample library (synthetic teaching text)")
        index, encoder = build.open_library(loaded, create=True)
        with index:
            report = ingest([CORPUS], index, encoder)
        note(
            f"  {report.documents} notes, {report.chunks} passages in {time.perf_counter() - begin:.1f} s, "
            f"kept in {loaded.settings.index}"
        )


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="The question; - reads it from standard input.")],
    index: IndexOption = None,
    reranker: RerankerOption = None,
    generator: GeneratorOption = None,
    top_k: TopK = None,
    budget_ms: BudgetOption = None,
    sample: SampleOption = False,
    as_json: JsonOption = False,
) -> None:
    """A short answer, each sentence with its source. Exit status 3 when the library does not answer."""
    from assistant import pipeline, present
    from assistant.events import Answered

    question = pipeline.asked(sys.stdin.read() if question == "-" else question)
    loaded = settings(index=index, reranker=reranker, generator=generator, top_k=top_k, budget_ms=budget_ms)
    with opened(loaded, sample=sample) as parts:
        *_, last = pipeline.ask(question, parts)
    assert isinstance(last, Answered)
    if as_json:
        printed(present.answer_json(last.answer))
    else:
        print(present.answer_text(last.answer))
    if last.answer.status != "answered":
        raise typer.Exit(3 if last.answer.status == "abstained" else 1)


@app.command()
def search(
    question: Annotated[str, typer.Argument()],
    index: IndexOption = None,
    retriever: RetrieverOption = None,
    reranker: RerankerOption = None,
    top_k: TopK = None,
    budget_ms: BudgetOption = None,
    as_json: JsonOption = False,
) -> None:
    """The best passages, with every score and rank that brought them there."""
    from dataclasses import replace

    from assistant import pipeline, present

    question = pipeline.asked(question)
    loaded = settings(index=index, reranker=reranker, retriever=retriever, budget_ms=budget_ms)
    with opened(loaded) as parts:
        pool = pipeline.search(question, parts)
        ranking = pipeline.joined(pool, parts.reranker.rerank(question, pool.hits))
    ranking = replace(ranking, hits=ranking.hits[: top_k or 10])
    if as_json:
        timings = {"searching": pool.milliseconds, "reranking": ranking.milliseconds}
        printed(present.ranking_json(ranking, timings))
    else:
        print(present.ranking_text(ranking))


@app.command()
def compare(
    question: Annotated[str, typer.Argument()],
    rerankers: Annotated[str, typer.Option(help="Names or specs by commas.")],
    index: IndexOption = None,
    retriever: RetrieverOption = None,
    depth: Annotated[int | None, typer.Option(help="Passages in the pool.", min=1)] = None,
    as_json: JsonOption = False,
) -> None:
    """The same frozen pool under several rerankers, side by side. Without an index: the sample library."""
    from assistant import pipeline
    from assistant.compare import compare as run
    from assistant.compare import comparison_json, comparison_text
    from assistant.privacy import gate
    from rerankers import load
    from rerankers.spec import names

    question = pipeline.asked(question)
    loaded = settings(index=index, retriever=retriever, depth=depth)
    loads = {name: load(name, loaded.settings, gate) for name in names(rerankers)}
    with opened(loaded, sample=index is None) as parts:
        found = run(question, pipeline.search(question, parts).hits, loads)
    if as_json:
        printed(comparison_json(found))
    else:
        print(comparison_text(found))


@app.command()
def chat(
    host: Annotated[str, typer.Option(help="Another address than loopback needs a password.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535)] = 7860,
    index: IndexOption = None,
    reranker: RerankerOption = None,
    generator: GeneratorOption = None,
    sample: SampleOption = False,
    password_file: Annotated[
        Path | None, typer.Option(help="A file with the password, or with its hash.")
    ] = None,
    openai_api: Annotated[
        bool, typer.Option("--openai-api", help="Also answer other chat front ends, on /v1/chat/completions.")
    ] = False,
) -> None:
    """The web UI."""
    from assistant import launch

    loaded = settings(index=index, reranker=reranker, generator=generator, password_file=password_file)
    access = launch.check(loaded, host, openai=openai_api)
    if sample:
        fill_with_sample(loaded)
    launch.start(loaded, host, port, note, access)


@app.command()
def status(index: IndexOption = None, as_json: JsonOption = False) -> None:
    """Index, models, egress and settings, in one screen."""
    from assistant.status import report, text

    found = report(settings(index=index))
    if as_json:
        printed(found)
    else:
        print(text(found))


def unforeseen(error: Exception) -> str:
    """One line for an error that is not ours; its places, without its text, go to a file (C10)."""
    import traceback

    import platformdirs

    from assistant.config import APP

    places = traceback.extract_tb(error.__traceback__)
    line = (
        f"something failed that should not: {type(error).__name__} at {places[-1].name}:{places[-1].lineno}"
    )
    try:
        file = Path(platformdirs.user_log_dir(APP, ensure_exists=True)) / "errors.log"
        with file.open("a", encoding="utf-8") as log:
            log.writelines([type(error).__name__ + "\n", *traceback.format_list(places)])
    except OSError:
        return line
    return f"{line}; please report it with the end of {file}"


def main() -> None:
    """Run; an error of ours is one line on standard error and its exit status."""
    import click

    try:
        status = app(standalone_mode=False)
    except AssistantError as error:
        note(f"assistant: {error}")
        sys.exit(error.status)
    except click.exceptions.Abort:
        note("assistant: interrupted; what was reported done is kept")
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        note("assistant: interrupted; what was reported done is kept")
        sys.exit(130)
    except BrokenPipeError:
        sys.exit(1)
    except Exception as error:
        note(f"assistant: {unforeseen(error)}")
        sys.exit(1)
    sys.exit(status if isinstance(status, int) else 0)


if __name__ == "__main__":
    main()
