"""`assistant redact`: what a text holds that would not be sent."""

import sys

from assistant.options import JsonOption, note, printed


def redact(as_json: JsonOption = False) -> None:
    """What in a text on standard input could tell who a person is. Rules find much, not all: read it too."""
    from assistant.privacy import SPOKEN, find
    from assistant.privacy import redact as without

    text = sys.stdin.buffer.read().decode("utf-8", "replace")
    spans = find(text)
    if as_json:
        printed(
            {
                "text": without(text),
                "spans": [{"start": s.start, "end": s.end, "kind": s.kind} for s in spans],
            }
        )
        return
    print(without(text).rstrip("\n"))
    for span in spans:
        note(f"{span.start}-{span.end} {SPOKEN[span.kind]}: {text[span.start : span.end]}")
    note(f"{len(spans)} found" if spans else "nothing was found, which is no assurance")
