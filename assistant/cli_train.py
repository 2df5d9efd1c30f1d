"""`assistant train ...`: a reranker of one's own."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from assistant.errors import UsageError
from assistant.options import JsonOption, note, printed, settings

if TYPE_CHECKING:
    from rerankers.train import Watch

train_app = typer.Typer(help="Train a model on judged data.", no_args_is_help=True)


@train_app.callback()
def train() -> None:
    """Train a model on judged data."""


@train_app.command("reranker")
def train_reranker(
    data: Annotated[
        list[str],
        typer.Option(
            metavar="DIR:SPLIT[@WEIGHT]",
            help="A folder in BEIR format and a split to learn from; may be repeated. WEIGHT (default 1) is "
            "its share of the lists relative to the others. The split same-id: each query is answered by "
            "the document with its _id.",
        ),
    ],
    base: Annotated[str, typer.Option(help="An encoder: a folder, all-minilm, or a pulled model.")],
    out: Annotated[Path, typer.Option(help="The folder of the new reranker.")],
    dev: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DIR:SPLIT", help="Choose the best step and stop early by this; may be repeated."
        ),
    ] = None,
    licence: Annotated[
        list[str] | None, typer.Option(help="Of each --data, in the same order; for the model card.")
    ] = None,
    kinds: Annotated[
        str,
        typer.Option(
            help="What serves as a query, by commas: question; statement (a sentence of one relevant "
            "document, for the question's others); conclusion (the first sentence of a query's "
            "metadata.ideal or metadata.long)."
        ),
    ] = "question,statement,conclusion",
    teacher: Annotated[
        list[str] | None,
        typer.Option(help="A reranker to learn from and to filter negatives by; several are averaged."),
    ] = None,
    loss: Annotated[str, typer.Option(help="listwise, ranknet or margin.")] = "listwise",
    distil: Annotated[str, typer.Option(help="kl or margin-mse; with --teacher.")] = "kl",
    distil_weight: Annotated[float, typer.Option(help="The teachers' share of the loss.")] = 0.5,
    steps: Annotated[int, typer.Option(help="Updates.")] = 2000,
    lists: Annotated[int, typer.Option(help="Lists a step.")] = 8,
    passages: Annotated[int, typer.Option(help="Passages a list, one of them relevant.")] = 8,
    max_tokens: Annotated[int, typer.Option(help="Tokens of question and passage together.")] = 256,
    learning_rate: Annotated[float, typer.Option(help="At its peak.")] = 3e-5,
    schedule: Annotated[str, typer.Option(help="cosine or linear, after the warm-up.")] = "cosine",
    warmup: Annotated[float, typer.Option(help="The share of steps with a rising rate.")] = 0.05,
    every: Annotated[int, typer.Option(help="Steps between evaluations, each with a checkpoint.")] = 200,
    patience: Annotated[int, typer.Option(help="Evaluations without a new best before the end.")] = 5,
    seed: Annotated[int, typer.Option(help="Of all that is drawn.")] = 0,
    limit: Annotated[int | None, typer.Option(help="At most so many questions of each --data.")] = None,
    candidates: Annotated[int, typer.Option(help="Negatives mined for a query.")] = 40,
    dev_limit: Annotated[int, typer.Option(help="At most so many questions of each --dev.")] = 100,
    dev_depth: Annotated[int, typer.Option(help="Documents of the hybrid that a dev question reranks.")] = 30,
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Fine-tune an encoder as a cross-encoder: hard negatives from the hybrid search, early stopping, a
    record and a model card. Ctrl-C saves; --resume goes on."""
    from rerankers.train import train as run
    from rerankers.training.plan import Kind, Plan, source

    licences = licence or [""] * len(data)
    if len(licences) != len(data):
        raise UsageError(f"{len(licences)} --licence for {len(data)} --data: give one for each, in order")
    plan = Plan(
        data=tuple(source(text, terms) for text, terms in zip(data, licences, strict=True)),
        base=base,
        out=out,
        dev=tuple(source(text) for text in dev or ()),
        kinds=tuple(cast("Kind", k.strip()) for k in kinds.split(",") if k.strip()),
        teachers=tuple(teacher or ()),
        loss=loss,  # type: ignore[arg-type]
        distil=distil,  # type: ignore[arg-type]
        distil_weight=distil_weight,
        steps=steps,
        lists=lists,
        passages=passages,
        max_tokens=max_tokens,
        learning_rate=learning_rate,
        schedule=schedule,  # type: ignore[arg-type]
        warmup=warmup,
        every=every,
        patience=patience,
        seed=seed,
        limit=limit,
        candidates=candidates,
        dev_limit=dev_limit,
        dev_depth=dev_depth,
        precision=precision,  # type: ignore[arg-type]
    )
    with watching(plan.steps) as watch:
        record = run(plan, settings().settings, resume=resume, watch=watch)
    if as_json:
        printed(record)
        return
    best = record["best"]
    scores = "".join(
        f"\n{name:24} nDCG@10 {score:.3f}, hybrid alone {before:.3f}{' (better)' if before > score else ''}"
        for name, score in best["dev"].items()
        for before in [record["first_stage"][name]]
    )
    print(f"Step {best['step']} of {record['steps']} is kept{scores}\nUse it: --reranker {out}")


@contextmanager
def watching(steps: int) -> "Iterator[Watch]":
    """Bars with the rate and the time left, and a line for each evaluation."""
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn

    from assistant.progress import bars, ingesting
    from rerankers.train import Watch
    from rerankers.training.loop import Point

    begun: list[tuple[float, int]] = []  # when the first step of this call began, and its number

    def tell(point: Point) -> None:
        now = time.perf_counter()
        scores = "".join(f", {name} {score:.3f}" for name, score in point.dev.items())
        rate = (now - begun[0][0]) / (point.step - begun[0][1])
        left = rate * (steps - point.step) / 60
        said = f"loss {point.loss:.3f}{scores}, {rate:.2f} s a step, {left:.0f} min left"
        note(f"step {point.step} of {steps}: {said}")

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[said]}"), TimeRemainingColumn())
    with ingesting() as ingested, bars(*columns) as shown:
        tasks = {}

        def progress(stage: str, done: int, total: int) -> None:
            if stage == "Training" and not begun:
                begun.append((time.perf_counter(), done))
            if stage not in tasks:
                tasks[stage] = shown.add_task(stage, total=total, completed=done, said="")
            task = next(t for t in shown.tasks if t.id == tasks[stage])
            said = f"{task.speed:.2f}/s" if task.speed else ""
            shown.update(tasks[stage], completed=done, total=total, said=said)

        yield Watch(ingesting=ingested, progress=progress, note=note, tell=tell)
