"""What every local transformer needs: a quiet and offline load, and batches of like length."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from assistant.errors import ModelError


@contextmanager
def reading(folder: Path, threads: int = 0) -> Iterator[None]:
    """Load from `folder` without progress bars, load reports and warnings on standard error.

    `threads` CPU threads for models in this process; 0 leaves torch's choice. Whatever a loader raises
    on unusable files becomes a ModelError that names the folder.
    """
    # Set before the first tokenizer is made: a later fork would otherwise print a warning.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import torch
    from transformers.utils import logging

    if threads:
        torch.set_num_threads(threads)
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        with explained(folder):
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


@contextmanager
def explained(folder: Path) -> Iterator[None]:
    """Whatever a loader raises on unusable files becomes a ModelError that names the folder."""
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # loaders raise a dozen classes, among them bare Exception
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise ModelError(
            f"{folder}: cannot be loaded ({first[:200]}); run: assistant models check"
        ) from error


def tokenizer(folder: Path) -> Any:
    """The fast tokenizer of a folder. Raises ModelError when the folder has only a slow one or none."""
    with reading(folder):
        from transformers import AutoTokenizer

        made = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        if not made.is_fast:
            raise ModelError(f"{folder}: no tokenizer.json, and its tokenizer cannot be converted")
        return made


def by_length(texts: Sequence[str], size: int) -> Iterator[list[int]]:
    """Row numbers in batches of at most `size`, longest first, so that little is spent on padding."""
    order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
    for begin in range(0, len(order), size):
        yield order[begin : begin + size]


def count_tokens(encode: Any, texts: Sequence[str]) -> list[int]:
    """Tokens of each text by a fast tokenizer, without special tokens and without truncation."""
    if not texts:
        return []
    rows = encode(
        list(texts), add_special_tokens=False, truncation=False, return_attention_mask=False, verbose=False
    )
    return [len(row) for row in rows["input_ids"]]
