"""What the commands share: options, settings, and how they print."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from assistant.config import Loaded

IndexOption = Annotated[Path | None, typer.Option("--index", help="The folder of the index.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
RerankerOption = Annotated[
    str | None, typer.Option("--reranker", help="A name, a folder or a spec; auto by default.")
]
BudgetOption = Annotated[
    float | None, typer.Option("--budget-ms", help="Rerank only as many passages as fit.", min=1)
]
GeneratorOption = Annotated[
    str | None, typer.Option("--generator", help="Who writes the answer: extractive or llm.")
]
RetrieverOption = Annotated[str | None, typer.Option(help="bm25, dense or hybrid.")]
TopK = Annotated[int | None, typer.Option("--top-k", help="How many passages.", min=1)]
SampleOption = Annotated[
    bool, typer.Option("--sample", help="Fill an empty index with the sample library first.")
]


def settings(**options: Any) -> "Loaded":
    """The settings in force, these options on top."""
    from assistant.config import load

    return load(options)


def note(line: str) -> None:
    """For the person at the terminal, beside the result."""
    print(line, file=sys.stderr, flush=True)


def printed(value: object) -> None:
    """The result as JSON."""
    print(json.dumps(value, ensure_ascii=False))
