"""Reading a log back: whether each record still stands as and where it was written."""

from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from assistant.audit.chain import LOST, NOTHING, PATIENCE, ends, files, lines, parse, read_head
from assistant.errors import InputError
from assistant.locks import locked


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """`line` is 1-based; 0 for a file as a whole."""

    file: str
    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`head`: the digest of the last record, worth keeping elsewhere."""

    folder: str
    files: int
    records: int
    head: str
    problems: tuple[Problem, ...]


def check(folder: Path, kept: str = "") -> Report:
    """Read every record. `kept`: a head's digest noted earlier; a log without it was rewritten.

    Raises InputError when there is no log or it cannot be read.
    """
    try:
        if not files(folder):
            raise InputError(f"{folder}: no audit log there; name its folder, or set audit")
        with ExitStack() as held:
            with suppress(OSError):  # a copy that can only be read has no writer
                held.enter_context(locked(folder / "lock", PATIENCE))
            return _check(folder, kept)
    except OSError as error:
        raise InputError(f"{folder}: cannot be read ({error.strerror or error})") from None


def _check(folder: Path, kept: str) -> Report:
    there = files(folder)
    problems: list[Problem] = []
    n, records, before, seen = 0, 0, NOTHING, not kept
    place = Problem(file=there[0].name, line=0, reason="")
    line = b""

    def found(reason: str) -> None:
        problems.append(Problem(file=place.file, line=place.line, reason=reason))

    for path, number, line in lines(there):
        place = Problem(file=path.name, line=number, reason="")
        link = parse(line)
        if link is None:
            found("not a record: changed, added, or a write that was interrupted")
            before = ""
            continue
        records += 1
        seen = seen or link.digest == kept
        if not link.intact:
            found(f"record {link.n} was changed")
        elif link.n > n:
            found(f"{_named(n, link.n - 1)} before this line: removed, or moved")
        elif link.n < n:
            found(f"record {link.n} stands here again or too late: inserted, or moved")
        elif before and link.previous != before:
            found(f"record {link.n} does not follow the one before it: replaced, inserted or moved")
        if link.intact and link.event == LOST:
            found("head.json was missing when this was written: what was removed before is not known")
        n, before = (link.n + 1, link.digest) if link.intact else (n + 1, "")
    last = parse(line)
    for path in there:
        if not ends(path):
            place = Problem(file=path.name, line=0, reason="")
            found("its last line does not end: changed, or a write that was interrupted")
    place = Problem(file="head.json", line=0, reason="")
    head = read_head(folder)
    if head is None:
        found("missing or changed: records removed at the end cannot be excluded")
    elif head.count > n:
        found(f"{_named(n, head.count - 1)} at the end: removed")
    elif last is None or (last.intact and head.digest not in (last.digest, last.previous)):
        found("it names another last record than the log has: records were replaced, or the head was changed")
    elif head.count < n - 1 or (head.count, head.digest) not in ((n, last.digest), (n - 1, last.previous)):
        found(f"it counts {head.count} records, the log {n}: records were added, or the head was changed")
    if not seen:
        found(f"no record has the digest {kept}: the log was rewritten, or it is another one")
    digest = last.digest if last else ""
    return Report(
        folder=str(folder), files=len(there), records=records, head=digest, problems=tuple(problems)
    )


def _named(first: int, last: int) -> str:
    return f"record {first} is missing" if first == last else f"records {first} to {last} are missing"
