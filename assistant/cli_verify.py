"""`assistant verify`: claims against passages, from any source, a line each as it comes."""

import json
import sys

import typer

from assistant.errors import InputError
from assistant.options import JsonOption


def verify(as_json: JsonOption = False) -> None:
    """Check claims given as JSON lines {"claim", "passage"} or {"claim", "passages"} on standard input.

    A line that cannot be read gives an error in its place, and the rest goes on; the exit status is 1 then.
    """
    from assistant.verify import judge

    bad = 0
    for number, line in enumerate(sys.stdin, start=1):
        if not line.strip():
            continue
        try:
            claim, passages = _asked(line)
        except InputError as error:
            bad += 1
            _print({"line": number, "error": str(error)}, as_json)
            continue
        found = judge(claim, passages)
        _print({"verdict": found.verdict, "score": found.score, "reasons": list(found.reasons)}, as_json)
    if bad:
        raise typer.Exit(1)


def _asked(line: str) -> tuple[str, list[str]]:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise InputError('not JSON; a line is {"claim": "...", "passage": "..."}') from error
    if not isinstance(record, dict) or not isinstance(record.get("claim"), str):
        raise InputError('no "claim" that is a text; a line is {"claim": "...", "passage": "..."}')
    passages = record.get("passages", [record.get("passage")])
    if not isinstance(passages, list) or not passages or not all(isinstance(p, str) for p in passages):
        raise InputError('no "passage" that is a text, and no "passages" that are a list of texts')
    return record["claim"], passages


def _print(found: dict[str, object], as_json: bool) -> None:
    if as_json:
        line = json.dumps(found, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    elif "error" in found:
        line = f"line {found['line']}: {found['error']}"
    else:
        reasons = found["reasons"]
        assert isinstance(reasons, list)
        line = f"{found['verdict']:12} {found['score']:.2f}  {'; '.join(reasons)}".rstrip()
    print(line, flush=True)
