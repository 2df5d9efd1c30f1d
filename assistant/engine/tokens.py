"""Texts -> rows of token ids, by the `tokenizers` library alone."""

import json
import os
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from assistant.errors import ModelError


class Row(NamedTuple):
    """What a transformer reads at once: token ids, special tokens included, and which part each is of."""

    ids: list[int]
    types: list[int]


class Tokens:
    """The tokenizer.json of a folder. What exceeds `max_tokens` is cut off at its end; of a pair, off the
    longer one. `typed`: whether the second of a pair has token type 1 (BERT) or 0 (RoBERTa)."""

    def __init__(self, folder: Path, *, max_tokens: int, typed: bool = True) -> None:
        self.folder, self.max_tokens, self._typed = folder, max_tokens, typed

    @cached_property
    def _cutting(self) -> Any:
        made = self._load()
        made.enable_truncation(self.max_tokens, strategy="longest_first")
        return made

    @cached_property
    def _whole(self) -> Any:
        return self._load()

    def _load(self) -> Any:
        # Set before the first tokenizer is made: a later fork would otherwise print a warning.
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        from tokenizers import Tokenizer

        file = self.folder / "tokenizer.json"
        try:
            made = Tokenizer.from_file(str(file))
        except Exception as error:  # the library raises bare Exception
            reason = str(error).strip().splitlines()[0][:200]
            raise ModelError(f"{file}: cannot be read ({reason}); run: assistant models check") from error
        made.no_padding()
        made.no_truncation()
        return made

    @property
    def vocabulary(self) -> int:
        """One more than the largest token id."""
        return 1 + max(self._whole.get_vocab(with_added_tokens=True).values(), default=-1)

    @property
    def special(self) -> int:
        """Special tokens that a pair gets."""
        return int(self._whole.num_special_tokens_to_add(True))

    def rows(self, texts: Sequence[str]) -> list[Row]:
        """One row a text."""
        return self._rows(list(texts))

    def pairs(self, firsts: Sequence[str], seconds: Sequence[str]) -> list[Row]:
        """One row for each first text with its second."""
        return self._rows(list(zip(firsts, seconds, strict=True)))

    def _rows(self, inputs: list[Any]) -> list[Row]:
        found = self._cutting.encode_batch_fast(inputs)
        return [Row(e.ids, e.type_ids if self._typed else [0] * len(e.ids)) for e in found]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens and without truncation."""
        return [len(e) for e in self.encoded(texts)]

    def encoded(self, texts: Sequence[str]) -> list[Any]:
        """The library's Encoding of each text, without special tokens and without truncation."""
        found: list[Any] = self._whole.encode_batch(list(texts), add_special_tokens=False)
        return found

    def joined(self, first: Any, second: Any) -> Row:
        """The row of a pair from the Encoding of each: what `pairs` gives, without reading them again."""
        pair = self._cutting.post_process(first, second)
        return Row(pair.ids, pair.type_ids if self._typed else [0] * len(pair.ids))


class Memory:
    """Texts tokenised once each, for as long as it lives."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._known: dict[str, Any] = {}

    def _encoded(self, texts: Sequence[str]) -> list[Any]:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        self._known |= zip(new, self._tokens.encoded(new), strict=True)
        return [self._known[text] for text in texts]

    def count(self, texts: Sequence[str]) -> list[int]:
        """Tokens of each text, without special tokens and without truncation."""
        return [len(e) for e in self._encoded(texts)]

    def ends(self, text: str) -> list[int]:
        """Where each token of a text ends, in characters."""
        (found,) = self._encoded([text])
        return [end for _, end in found.offsets]

    def pairs(self, first: str, seconds: Sequence[str]) -> list[Row]:
        """One row for `first` with each second."""
        (head,) = self._encoded([first])
        return [self._tokens.joined(head, second) for second in self._encoded(seconds)]


def longest(folder: Path) -> int | None:
    """The length that a folder's tokenizer_config.json states; None where it states none."""
    try:
        stated = json.loads((folder / "tokenizer_config.json").read_text("utf-8")).get("model_max_length")
    except (OSError, ValueError, AttributeError):
        return None
    return int(stated) if isinstance(stated, int | float) and stated < 1e6 else None
