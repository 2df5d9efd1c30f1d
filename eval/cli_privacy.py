"""`assistant eval privacy`"""

from pathlib import Path
from typing import Annotated

import typer

from assistant.options import JsonOption, note, printed


def eval_privacy(
    folders: Annotated[
        list[Path] | None, typer.Argument(metavar="DIR...", help="BEIR format; its questions hold no person.")
    ] = None,
    passages: Annotated[int, typer.Option(help="Also so many passages of each folder.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="Of the invented questions.")] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="A folder for results.json.")] = None,
    as_json: JsonOption = False,
) -> None:
    """What the gate finds: recall by class on invented questions, false alarms on those of DIR."""
    import json

    from eval.privacy.measure import alarms, recall, report, table, texts_of
    from eval.privacy.synthetic import questions

    clean = [alarms(f"{f.name} questions", texts_of(f, "queries")) for f in folders or []]
    if passages:
        clean += [alarms(f"{f.name} passages", texts_of(f, "corpus", passages)) for f in folders or []]
    found = report(*recall(questions(seed)), clean)
    if as_json:
        printed(found)
    else:
        print(table(found))
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / "results.json").write_text(json.dumps(found, indent=1, ensure_ascii=False), "utf-8")
        note(f"results.json, with each miss and each alarm, is in {out}")
