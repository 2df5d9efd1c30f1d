"""results.json: what an evaluation found, written in one step and checked when it is read."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pydantic import TypeAdapter, ValidationError

from assistant.errors import FormatError, InputError
from eval.trec import write_text

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

T = TypeVar("T")


def save(path: Path, found: "DataclassInstance") -> None:
    """Raises InputError when it cannot be written."""
    write_text(path, [json.dumps(asdict(found), indent=1, ensure_ascii=False, allow_nan=False), "\n"])


def load(path: Path, kind: type[T], command: str) -> T:
    """What `command` saved. Raises InputError when it cannot be read, FormatError when it is something else.

    NaN is refused: no comparison with it is true, so that it would pass every gate.
    """
    try:
        return TypeAdapter(kind).validate_python(json.loads(path.read_bytes(), parse_constant=_refuse))
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from None
    except ValidationError as error:
        first = error.errors()[0]
        reason = f"{'.'.join(map(str, first['loc'])) or 'top'}: {first['msg']}"
    except ValueError as error:
        reason = str(error)
    raise FormatError(f"{path}: not a results.json of '{command}': {reason}")


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a number")
