"""`assistant eval ...`"""

from pathlib import Path
from typing import Annotated

import typer

from assistant.options import JsonOption, note, printed, settings
from eval.cli_answers import eval_answers, eval_verification
from eval.cli_privacy import eval_privacy

eval_app = typer.Typer(
    help="Measure retrieval, reranking, answers and their verification on a labelled set.",
    no_args_is_help=True,
)
eval_app.command("answers")(eval_answers)
eval_app.command("privacy")(eval_privacy)
eval_app.command("verification")(eval_verification)


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


@eval_app.command("calibrate")
def eval_calibrate(
    data: Annotated[
        list[str], typer.Option(metavar="DIR:SPLIT", help="A BEIR folder and a split; may be repeated.")
    ],
    reranker: Annotated[str, typer.Option(help="What ranks; none makes the general fits.")] = "auto",
    out: Annotated[Path | None, typer.Option(help="By default where the assistant looks first.")] = None,
    limit: Annotated[int | None, typer.Option(help="So many questions of each split.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="With --limit: a sample instead of the first.")] = None,
) -> None:
    """Learn the probability that the library answers, which decides when to abstain, for one reranker."""
    from assistant.progress import counting, ingesting
    from eval.calibrate import Source, calibrate

    sources = [Source(Path(folder), split) for folder, _, split in (item.rpartition(":") for item in data)]
    with ingesting() as told, counting() as progress:
        fits, place = calibrate(
            sources,
            settings().settings,
            reranker=reranker,
            out=out,
            limit=limit,
            seed=seed,
            ingesting=told,
            progress=progress,
        )
    for fit in fits:
        weights = ", ".join(f"{name} {weight:.2f}" for name, weight in fit.weights.items())
        worth = fit.about["cross_validated"]
        print(f"{fit.reranker or 'any reranker'}: bias {fit.bias:.2f}, {weights}")
        print(f"  cross-validated: AUC {worth['auc']:.3f}, Brier {worth['brier']:.3f}")
    note(f"kept in {place}")


@eval_app.command("abstention")
def eval_abstention(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder in BEIR format.")],
    split: Annotated[str, typer.Option(help="qrels/SPLIT.tsv; not one that the fit learned on.")],
    folder_out: Annotated[Path, typer.Option("--out", help="The folder for results and report.")],
    reranker: Annotated[str, typer.Option(help="What ranks.")] = "auto",
    limit: Annotated[int | None, typer.Option(min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="With --limit: a sample instead of the first.")] = None,
) -> None:
    """Does it know what it cannot answer? AUC, calibration, risk and coverage of the fit in force."""
    from assistant.progress import counting, ingesting
    from eval.calibrate import Source, report, text

    with ingesting() as told, counting() as progress:
        worth = report(
            Source(folder, split),
            settings().settings,
            reranker=reranker,
            out=folder_out,
            limit=limit,
            seed=seed,
            ingesting=told,
            progress=progress,
        )
    print(text(worth))
    print(f"results.json and report.html are in {folder_out}")


@eval_app.command("bench")
def eval_bench(
    folders: Annotated[list[Path] | None, typer.Argument(metavar="DIR...", help="BEIR format.")] = None,
    reranker: Annotated[str, typer.Option(help="Any reranker's spec.")] = "",
    limit: Annotated[int, typer.Option(help="Passages of each folder.", min=1)] = 300,
    runs: Annotated[int, typer.Option(help="Timed rounds.", min=1)] = 5,
    as_json: JsonOption = False,
) -> None:
    """How many times faster than sentence-transformers in float32: embedding, reranking, cascade, start."""
    from eval.bench.speed import bench, table, to_json

    found = bench(folders or [], settings().settings, limit=limit, runs=runs, reranker=reranker)
    if as_json:
        printed(to_json(found))
    else:
        print(table(found))
