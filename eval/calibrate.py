"""`assistant eval calibrate` and `assistant eval abstention`: fit the probability that the library answers,
and report what it is worth on questions that it was not fitted on."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from assistant.answerable import Fit, choose, read, saved
from assistant.config import Settings
from assistant.errors import UsageError
from eval import plots, rank
from eval.abstention import Abstention, Example, learn, measure
from eval.corpus import library
from eval.data import Dataset, load
from eval.page import Table, figure, html_table, page
from eval.questions import DEPTH, even, examples, marked, questions
from eval.trec import write_text
from ingest.run import Progress as Ingested
from rerankers import load as load_reranker

FOUND = ("coverage", "unseen", "gap", "agree")
RANKED = ("best", "margin")
WORDS = ("coverage", "unseen", "agree")  # for encoders whose scores are no cosines
FOLDS = 5


@dataclass(frozen=True, slots=True)
class Source:
    folder: Path
    split: str


def calibrate(
    sources: Sequence[Source],
    settings: Settings,
    *,
    reranker: str,
    out: Path | None = None,
    limit: int | None = None,
    seed: int | None = None,
    ingesting: Callable[[Ingested], None] | None = None,
    progress: rank.Progress = lambda stage, done, total: None,
) -> tuple[list[Fit], Path]:
    """Learn on all sources together and put the fit into `out`, by default where the assistant looks first.

    `none` gives the general fits, which hold for every reranker without one of its own. Raises UsageError
    when the reranker was not the same for all questions, and what reading the data and the models raise.
    """
    model = load_reranker(reranker, settings)
    path = out or settings.models / "answerable.json"
    found: list[Example] = []
    learned_on: list[dict[str, Any]] = []
    encoder = ""
    for source in sources:
        dataset = load(source.folder, source.split, limit=limit, seed=seed)
        with library(dataset, settings, progress=ingesting) as corpus:
            own = list(examples(dataset, questions(dataset, half=True), corpus, model, progress))
            encoder = f"{corpus.encoder.name}@{corpus.encoder.revision}"
        found += own
        learned_on.append(_about(dataset, own))
    ranked_by = {e.ranked_by for e in found if e.signals}
    if len(ranked_by) != 1:
        raise UsageError(
            f"{reranker}: ranked by {', '.join(sorted(ranked_by)) or 'nothing'}; a fit is for one"
        )
    general = reranker == "none"
    fits = []
    for names in (FOUND, WORDS) if general else ((*FOUND, *RANKED),):
        bias, weights = learn(found, names)
        about = {
            "date": datetime.now(UTC).date().isoformat(),
            "assistant": version("clinical-assistant"),
            "encoder": encoder,
            "revision": model.revision,
            "depth": DEPTH,
            "learned_on": learned_on,
            "cross_validated": cross_validated(found, names),
        }
        name = "" if general else ranked_by.copy().pop()
        fits.append(Fit(reranker=name, bias=bias, weights=weights, about=about))
    kept = read(path) if path.exists() else ()
    new = {(f.reranker, frozenset(f.weights)) for f in fits}
    others = [f for f in kept if (f.reranker, frozenset(f.weights)) not in new]
    write_text(path, [saved([*fits, *others])])
    return fits, path


def cross_validated(found: Sequence[Example], names: Sequence[str]) -> dict[str, float]:
    """AUC and Brier score of each fifth of the questions under a fit on the others."""
    parts = [found[i::FOLDS] for i in range(FOLDS)]
    probabilities, answerable = [], []
    for part in parts:
        bias, weights = learn([e for other in parts if other is not part for e in other], names)
        fit = Fit(reranker="", bias=bias, weights=weights, about={})
        probabilities += [fit.probability(e.signals) if e.signals else 0.0 for e in part]
        answerable += [e.answerable for e in part]
    worth = measure(probabilities, answerable, 0.5)
    return {"auc": round(worth.auc, 4), "brier": round(worth.brier, 4)}


def _about(dataset: Dataset, found: Sequence[Example]) -> dict[str, Any]:
    halved = bool(marked(dataset.corpus.parent))
    return {
        "dataset": dataset.name,
        "split": dataset.split,
        "corpus": dataset.digest,
        "questions": len(found),
        "answerable": sum(e.answerable for e in found),
        "unanswerable": "as marked; one half of the questions" if halved else "their documents left out",
    }


def report(
    source: Source,
    settings: Settings,
    *,
    reranker: str,
    out: Path,
    limit: int | None = None,
    seed: int | None = None,
    ingesting: Callable[[Ingested], None] | None = None,
    progress: rank.Progress = lambda stage, done, total: None,
) -> Abstention:
    """Measure the fit in force on a split; OUT/results.json and OUT/report.html.

    Of a collection that the fit learned one half of, only the other half. Raises UsageError for a split that
    it learned on in full.
    """
    model = load_reranker(reranker, settings)
    dataset = load(source.folder, source.split, limit=limit, seed=seed)
    with library(dataset, settings, progress=ingesting) as corpus:
        found = list(examples(dataset, questions(dataset), corpus, model, progress))
    fits = {
        e.query: choose(e.signals, e.ranked_by, settings.models / "answerable.json")
        for e in found
        if e.signals
    }
    seen = {_seen(fit, dataset) for fit in fits.values()}
    if "in full" in seen:
        raise UsageError(f"{dataset.name} {dataset.split}: the fit was learned on it; report another split")
    if "half" in seen:
        found = [e for e in found if not even(e.query)]
    p = {e.query: fits[e.query].probability(e.signals) if e.signals else 0.0 for e in found}
    worth = measure(list(p.values()), [e.answerable for e in found], settings.abstain_below)
    fit = next(iter(fits.values()))
    content = {
        "dataset": dataset.name,
        "split": dataset.split,
        "reranker": reranker,
        "ranked_by": sorted({e.ranked_by for e in found}),
        "half": "half" in seen,
        "fit": {
            "reranker": fit.reranker,
            "bias": fit.bias,
            "weights": dict(fit.weights),
            "about": dict(fit.about),
        },
        "abstention": asdict(worth),
        "per_query": {e.query: [round(p[e.query], 6), e.answerable] for e in found},
    }
    write_text(out / "results.json", [json.dumps(content, indent=1, ensure_ascii=False), "\n"])
    write_text(out / "report.html", [html(content, worth, p, {e.query: e.answerable for e in found})])
    return worth


def _seen(fit: Fit, dataset: Dataset) -> str:
    for learned in fit.about.get("learned_on", ()):
        if (learned["corpus"], learned["split"]) == (dataset.digest, dataset.split):
            return "half" if "half" in learned["unanswerable"] else "in full"
    return ""


def html(
    content: Mapping[str, Any], worth: Abstention, p: Mapping[str, float], answerable: Mapping[str, bool]
) -> str:
    half = "; the half that the fit did not see" if content["half"] else ""
    heading = f"Abstention on {content['dataset']} {content['split']}: {worth.questions} questions{half}"
    fit = content["fit"]
    body = [
        *html_table(table(worth)),
        figure(plots.risk_coverage(worth.curve), "The share answered wrongly among the share answered."),
        figure(
            plots.reliability(list(p.values()), [answerable[q] for q in p]),
            "Of questions with such a probability, the share that the library answers; the line is perfect.",
        ),
        *html_table(
            Table(
                title="The fit",
                note=f"Of {fit['reranker'] or 'any reranker'}, learned on "
                + "; ".join(
                    f"{s['dataset']} {s['split']} ({s['questions']})"
                    for s in fit["about"].get("learned_on", ())
                ),
                head=["signal", "weight"],
                rows=[["bias", f"{fit['bias']:.2f}"], *([n, f"{w:.2f}"] for n, w in fit["weights"].items())],
            )
        ),
    ]
    return page(heading, body)


def table(worth: Abstention) -> Table:
    wrong = worth.questions - worth.answerable
    return Table(
        title="Abstention",
        note=(
            "Risk and coverage by Geifman and El-Yaniv (2017). Brier score and calibration error weigh "
            "answerable and unanswerable questions the same, as the fit does."
        ),
        head=["measure", "value"],
        rows=[
            ["ROC AUC", f"{worth.auc:.3f}"],
            ["Brier score", f"{worth.brier:.3f}"],
            ["expected calibration error", f"{worth.ece:.3f}"],
            ["AURC", f"{worth.aurc:.3f}"],
            [
                f"answered at {worth.threshold:g}, of the answerable",
                f"{worth.answered} of {worth.answerable}",
            ],
            [f"answered at {worth.threshold:g}, of the unanswerable", f"{worth.answered_wrongly} of {wrong}"],
        ],
    )


def text(worth: Abstention) -> str:
    """For the terminal."""
    return "\n".join(f"{name:45} {value}" for name, value in table(worth).rows)
