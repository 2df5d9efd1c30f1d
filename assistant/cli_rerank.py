"""`assistant rerank ...`: passages of any source in a reranker's order, and what a reranker costs here."""

import sys
from typing import Annotated

import typer

from assistant.errors import UsageError
from assistant.options import BudgetOption, JsonOption, note, printed, settings

rerank_app = typer.Typer()


@rerank_app.callback(invoke_without_command=True)
def rerank(
    context: typer.Context,
    query: Annotated[str | None, typer.Option(help="The question.")] = None,
    reranker: Annotated[str, typer.Option(help="A name, a folder or a spec.")] = "auto",
    budget_ms: BudgetOption = None,
    as_json: JsonOption = False,
) -> None:
    """Rank passages given as JSON lines {"id", "text"} on standard input; or profile a reranker."""
    if context.invoked_subcommand is not None:
        return
    from assistant import build, pipeline, present

    if query is None:
        raise UsageError('rerank needs --query "..." and passages on standard input')
    loaded = settings(reranker=reranker, budget_ms=budget_ms)
    made = build.reranker(loaded.settings)
    ranking = made.rerank(pipeline.asked(query), present.hits_from_lines(sys.stdin))
    found = present.reranked_json(ranking)
    if as_json:
        printed(found)
        return
    for hit in found["hits"]:
        print(f"{hit['rank']:3}. {hit['score']:10.4f}  {hit['id']}")
    print("\n".join(present.provenance(ranking)))


@rerank_app.command("profile")
def profile(
    reranker: Annotated[str, typer.Option(help="A name, a folder or a spec.")],
    as_json: JsonOption = False,
) -> None:
    """Measure cost per passage and per token on this machine; kept for --budget-ms."""
    from rerankers import load
    from rerankers.profile import keep, measure

    loaded = settings()
    made = load(reranker, loaded.settings)
    found = measure(made)
    place = keep(found, made, loaded.settings)
    if as_json:
        printed(found.json())
    else:
        print(found.text())
        note(f"kept in {place}")
