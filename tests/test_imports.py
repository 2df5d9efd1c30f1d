"""Imports run one way; importing does nothing heavy."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LAYERS = (
    (
        "assistant.types",
        "assistant.errors",
        "assistant.text",
        "assistant.loopback",
        "assistant.studies",
        "assistant.scope",
        "assistant.locks",
        "assistant.turns",
    ),
    ("assistant.config", "assistant.events", "assistant.options"),
    ("rerankers.catalog", "assistant.hub", "assistant.loading"),
    ("assistant.models", "assistant.engine", "assistant.index.bm25", "assistant.index.stem"),
    ("assistant.encoders", "rerankers"),
    ("assistant.index",),
    (
        "assistant.retrieve",
        "assistant.evidence",
        "assistant.answerable",
        "assistant.audit",
        "assistant.conversation",
        "assistant.fragments",
        "assistant.topics",
        "assistant.privacy",
        "assistant.generate",
        "assistant.verify",
    ),
    ("assistant.compose",),
    ("assistant.pipeline",),
    ("assistant.present", "assistant.compare", "ingest"),
    ("assistant.build",),
    ("assistant.status",),
    (
        "assistant.functions",
        "assistant.shelf",
        "assistant.workbench",
        "assistant.progress",
        "eval",
        "ui",
        "rerankers.train",
        "rerankers.training",
    ),
    (
        "assistant.launch",
        "assistant.agents",
        "assistant.cli_mcp",
        "assistant.cli_password",
        "assistant.cli_audit",
        "assistant.cli_ingest",
        "assistant.cli_sources",
        "assistant.cli_redact",
        "assistant.cli_rerank",
        "assistant.cli_train",
        "assistant.cli_verify",
        "eval.cli_privacy",
        "eval.command",
        "eval.cli",
    ),
    ("assistant.cli",),
)
MODULES = sorted(
    p for top in ("assistant", "ingest", "rerankers", "eval", "ui") for p in (ROOT / top).rglob("*.py")
)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def layer(module: str) -> int | None:
    """The layer of the longest listed prefix."""
    found = [
        (len(name), level)
        for level, names in enumerate(LAYERS)
        for name in names
        if module == name or module.startswith(name + ".")
    ]
    return max(found)[1] if found else None


def imported(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    known = {name_of(p) for p in MODULES}
    return {n for n in names if n in known}


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_no_arrow_runs_back(path: Path) -> None:
    module = name_of(path)
    own = layer(module)
    if module in ("assistant", "assistant.cli"):
        return
    assert own is not None, f"{module} is in no layer"
    for other in imported(path) - {"assistant"}:
        level = layer(other)
        assert level is not None
        assert level <= own, f"{module} imports {other}, which stands above it"


@pytest.mark.parametrize("path", [p for p in MODULES if name_of(p).startswith("ingest")], ids=name_of)
def test_ingest_does_not_know_the_answering_side(path: Path) -> None:
    answering = ("retrieve", "evidence", "answerable", "generate", "verify", "pipeline", "build", "present")
    assert not [n for n in imported(path) for a in answering if n.startswith(f"assistant.{a}")]


def test_the_command_line_imports_nothing_heavy() -> None:
    heavy = ["torch", "transformers", "gradio", "numpy", "lxml", "qdrant_edge", "pypdf", "httpx", "openvino"]
    code = f"import sys, assistant.cli; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
