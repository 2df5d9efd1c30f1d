"""`assistant eval answers` and `assistant eval verification`."""

from pathlib import Path
from typing import Annotated

import typer

from assistant.options import RerankerOption, TopK, settings


def eval_answers(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder in BEIR format.")],
    split: Annotated[str, typer.Option(help="qrels/SPLIT.tsv")],
    folder_out: Annotated[Path, typer.Option("--out", help="The folder for answers, results and report.")],
    limit: Annotated[int | None, typer.Option(help="The first N judged questions.", min=1)] = None,
    seed: Annotated[int | None, typer.Option(help="With --limit: a sample instead of the first.")] = None,
    generator: Annotated[str | None, typer.Option(help="extractive or llm.")] = None,
    reranker: RerankerOption = None,
    top_k: TopK = None,
    encoder: Annotated[str | None, typer.Option(help="The encoder of the measured index.")] = None,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="Ask each question again without its documents.")
    ] = False,
) -> None:
    """Ask every question as `assistant ask` does: citations, support, ROUGE, abstention, time and cost."""
    from eval.answers.command import answers
    from eval.answers.report import terminal

    loaded = settings(generator=generator, reranker=reranker, top_k=top_k, encoder=encoder)
    found = answers(folder, split, loaded, out=folder_out, limit=limit, seed=seed, held_out=held_out)
    print(terminal(found))
    print(f"Answers, results.json and report.html are in {folder_out}")


def eval_verification(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder in BEIR format.")],
    split: Annotated[str, typer.Option(help="qrels/SPLIT.tsv")],
    folder_out: Annotated[Path, typer.Option("--out", help="The folder for results and report.")],
    claims: Annotated[Path | None, typer.Option(help="Claims as SciFact has them, JSON lines.")] = None,
    limit: Annotated[int | None, typer.Option(help="The first N questions, and claims.", min=1)] = None,
    each: Annotated[int, typer.Option(help="Corruptions of a kind, at most.", min=1)] = 250,
    seed: Annotated[int, typer.Option(help="Of the corruptions.")] = 0,
) -> None:
    """Which corrupted sentences the verifier finds, and how often it flags an untouched one."""
    from eval.verification_command import verification
    from eval.verification_report import terminal

    found = verification(
        folder,
        split,
        settings().settings,
        out=folder_out,
        claims_file=claims,
        limit=limit,
        each=each,
        seed=seed,
    )
    print(terminal(found))
    print(f"results.json and report.html are in {folder_out}")
