"""The record of a run, and the model card that is written from it and from nothing else."""

from collections.abc import Mapping, Sequence
from typing import Any

RECORD = "train.json"
FORMAT = "reranker-training/1"


def card(record: Mapping[str, Any]) -> str:
    """README.md of the model's folder."""
    options, best = record["options"], record["best"]
    head = [
        "---",
        "library_name: transformers",
        "pipeline_tag: text-ranking",
        f"base_model: {_quoted(record['base']['name'])}",
        "---",
        "",
        f"# {record['name']}: a cross-encoder for clinical and biomedical passages",
        "",
        f"Reads a question and a passage together and gives one raw logit, higher for more relevant. "
        f"Fine-tuned from {record['base']['name']} ({record['base']['revision']}) by `assistant train "
        "reranker`. Use it by its folder: `--reranker DIR`.",
        "",
        "## Intended use",
        "",
        "Ordering the passages that a first-stage search found for a health professional's question. It does "
        "not say whether a passage is true, current or applicable to a patient, and its scores are no "
        "probabilities: they rank passages of one question and are not comparable between questions.",
        "",
        "## Trained on",
        "",
    ]
    data = _table(
        ("data", "split", "licence", "questions", "lists", "weight"),
        [
            (
                d["name"],
                d["split"],
                d["licence"] or "not stated",
                d["questions"],
                _kinds(d["lists"]),
                f"{d['weight']:g}",
            )
            for d in record["data"]
        ],
    )
    filtered = distilled = ""
    if record["teachers"]:
        names = ", ".join(record["teachers"])
        filtered = f", {_total(record, 'above')} that the teachers put above it"
        distilled = f", and {options['distil']} (share {options['distil_weight']:g}) from {names}"
    trained = [
        "",
        "The terms of the data and of the base model hold for these weights too.",
        "",
        f"Negatives: up to {options['candidates']} passages a query from the hybrid search (encoder "
        f"{record['encoder']}), not judged relevant. Left out: {_total(record, 'near')} that nearly repeat a "
        f"relevant passage{filtered}.",
        "",
        f"Loss: {options['loss']} over lists of {options['passages']}{distilled}; "
        f"{options['lists']} lists a step, {record['steps']} of {options['steps']} steps, learning "
        f"rate {options['learning_rate']:g} ({options['schedule']}), {record['max_tokens']} tokens, seed "
        f"{options['seed']}, {record['hardware']['precision']} on {record['hardware']['device']}.",
        "",
    ]
    return "\n".join([*head, *data, *trained, *_before(record), *_scores(record, best), *_limits(record), ""])


def _before(record: Mapping[str, Any]) -> list[str]:
    before = record.get("before")
    if before is None:
        return []
    sources = ", ".join(f"{d['name']} {d['split']} ({d['licence'] or 'not stated'})" for d in before["data"])
    return [
        f"The base was itself trained here, for {before['steps']} steps from {before['base']['name']} "
        f"({before['base']['revision']}), on {sources}.",
        "",
    ]


def _scores(record: Mapping[str, Any], best: Mapping[str, Any]) -> list[str]:
    if not record["dev"]:
        said = "None were measured: the run had no dev set. Measure it: `assistant eval retrieval`."
        return ["## Scores", "", said]
    rows = [
        (
            f"{d['name']} {d['split']}",
            d["questions"],
            f"{record['first_stage'][key]:.3f}",
            f"{best['dev'][key]:.3f}",
        )
        for d in record["dev"]
        for key in [f"{d['name']}:{d['split']}"]
    ]
    depth = record["options"]["dev_depth"]
    return [
        "## Scores",
        "",
        f"nDCG@10, the top {depth} documents of the hybrid search reranked:",
        "",
        *_table(("dev set", "questions", "hybrid", "this model"), rows),
        "",
        f"Step {best['step']} was chosen by these numbers, so they flatter it: measure it on questions that "
        "neither trained nor chose it, with `assistant eval retrieval`.",
    ]


def _limits(record: Mapping[str, Any]) -> list[str]:
    scores = record["best"]["dev"]
    worse = [name for name, before in record["first_stage"].items() if scores[name] < before]
    below = [f"* On {name} it ranks worse than the hybrid search alone." for name in worse]
    notes = [*below, *(f"* {note}" for note in record["notes"])]
    return [
        "",
        "## Limits",
        "",
        f"* Passages of more than {record['max_tokens']} tokens with the question are scored by their best "
        "window.",
        "* It knows the topics, the question styles and the language of the data above; on others it may "
        "rank worse than the first stage. Fusing it with the first stage, `fusion(DIR)`, is safer there.",
        "* Unjudged passages served as negatives, and some of them are relevant.",
        *notes,
        "",
        "## Record",
        "",
        f"{RECORD} has the digests of data and base, every option, the versions and the curve.",
    ]


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> list[str]:
    lines = [head, ["---"] * len(head), *rows]
    return [
        "| " + " | ".join(str(cell).replace("|", "/").replace("\n", " ") for cell in line) + " |"
        for line in lines
    ]


def _kinds(lists: Mapping[str, int]) -> str:
    return ", ".join(f"{count} by {kind}" for kind, count in lists.items())


def _total(record: Mapping[str, Any], what: str) -> int:
    return sum(d["left_out"][what] for d in record["data"])


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "/").replace('"', "'") + '"'
