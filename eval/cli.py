"""`assistant eval ...`"""

from pathlib import Path
from typing import Annotated

import typer

from assistant.options import note, settings

eval_app = typer.Typer(help="Measure retrieval and reranking on a labelled set.", no_args_is_help=True)


@eval_app.command("gate")
def eval_gate(
    baseline: Annotated[Path, typer.Argument(help="The results.json to hold against.")],
    new: Annotated[Path, typer.Argument(help="The results.json to judge.")],
) -> None:
    """Exit status 1 when a metric fell significantly, or a run or query is missing."""
    from eval import results
    from eval.gate import gate

    judged = gate(results.load(baseline), results.load(new))
    for failure in judged.failures:
        note(failure)
    print(f"{judged.compared} metrics compared: {'nothing fell' if judged.passed else 'failed'}")
    if not judged.passed:
        raise typer.Exit(1)


@eval_app.command("retrieval")
def eval_retrieval(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder in BEIR format.")],
    split: Annotated[str, typer.Option(help="qrels/SPLIT.tsv")],
    folder_out: Annotated[Path, typer.Option("--out", help="The folder for results, runs and report.")],
    retrievers: Annotated[str, typer.Option(help="bm25, dense, hybrid; by commas.")] = "bm25,dense,hybrid",
    rerankers: Annotated[str, typer.Option(help="Names by commas.")] = "none",
    depth: Annotated[int, typer.Option(help="Documents in a pool.", min=1, max=1000)] = 100,
    limit: Annotated[int | None, typer.Option(help="The first N judged questions.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="With --limit: a sample instead of the first.")] = None,
    encoder: Annotated[str | None, typer.Option(help="The encoder of the measured index.")] = None,
) -> None:
    """Every retriever with every reranker over one frozen pool each: runs, metrics, latency."""
    from eval.command import retrieval, table
    from rerankers.spec import names

    found = retrieval(
        folder,
        split,
        settings(encoder=encoder).settings,
        retrievers=names(retrievers),
        rerankers=names(rerankers),
        depth=depth,
        out=folder_out,
        limit=limit,
        seed=seed,
    )
    print(table(found))
    print(f"Runs, results.json and report.html are in {folder_out}")


@eval_app.command("fit")
def eval_fit(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder in BEIR format.")],
    split: Annotated[str, typer.Option(help="qrels/SPLIT.tsv; not the one that will be reported.")],
    reranker: Annotated[str, typer.Option(help="The part of fusion(...).")],
    out: Annotated[Path | None, typer.Option(help="By default where fusion(RERANKER) looks.")] = None,
    depth: Annotated[int, typer.Option(help="Documents in a pool.", min=1, max=1000)] = 100,
    limit: Annotated[int | None, typer.Option(min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="With --limit: a sample instead of the first.")] = None,
) -> None:
    """Learn the weights of fusion(RERANKER) by cross-validation, and keep them."""
    from assistant.progress import counting, ingesting
    from eval.learn import fit

    with ingesting() as told, counting() as progress:
        found, place = fit(
            folder,
            split,
            settings().settings,
            reranker=reranker,
            out=out,
            depth=depth,
            limit=limit,
            seed=seed,
            ingesting=told,
            progress=progress,
        )
    print(found.text())
    note(f"kept in {place}")
