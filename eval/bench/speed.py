"""The engine beside sentence-transformers in float32: same texts, same weights, same process, turn by turn.

Read the ratios; seconds are those of this machine at this moment.
"""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from assistant import models
from assistant.config import Settings
from assistant.encoders.transformer import MiniLM
from assistant.engine import Classifier
from assistant.errors import AssistantError
from assistant.types import Document, passage
from ingest.readers import read
from ingest.sample import CORPUS

BASELINE, ENGINE = "sentence-transformers fp32", "engine"
BATCH = 32  # of the baseline
MAX_TOKENS = 256
QUESTION = "Which dose is right when the kidneys work badly?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """One piece of work by two engines. Seconds are medians; `agreement` says how near the results are."""

    what: str
    seconds: Mapping[str, float]
    agreement: str

    @property
    def ratio(self) -> float:
        return self.seconds[BASELINE] / self.seconds[ENGINE]


def bench(
    folders: Sequence[Path], settings: Settings, *, limit: int = 300, runs: int = 5, reranker: str = ""
) -> list[Speed]:
    """Embedding of the first `limit` passages of each folder in BEIR format (without one, of the sample
    library), 50 pairs by a cross-encoder, and the first vector of a fresh process.

    `reranker` is a cross-encoder's id or folder; without one, the packaged MiniLM with an untrained head.
    """
    texts = {folder.name: passages(folder, limit) for folder in folders or [CORPUS]}
    found = [embedding(name, some, settings, runs) for name, some in texts.items()]
    pairs = next(iter(texts.values()))[:50]
    with tempfile.TemporaryDirectory() as scratch:
        folder = models.locate(reranker, settings.models) if reranker else untrained(Path(scratch), settings)
        found.append(reranking(folder, pairs, settings, runs))
    return [*found, first_vector(settings, runs)]


def passages(folder: Path, limit: int) -> list[str]:
    """What an encoder reads of the first `limit` sections of a corpus."""
    file = next((f for f in sorted(folder.glob("corpus.jsonl*"))), folder) if folder.is_dir() else folder
    found: list[str] = []
    for document in read(file):
        if isinstance(document, Document):
            found += [passage(document.metadata.title, s.heading, s.text) for s in document.sections]
        if len(found) >= limit:
            break
    return found[:limit]


def embedding(name: str, texts: Sequence[str], settings: Settings, runs: int) -> Speed:
    """MiniLM's vectors of documents."""
    from sentence_transformers import SentenceTransformer

    ours = MiniLM(settings)
    folder = models.locate(models.PACKAGED, settings.models)
    theirs = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    results, seconds = in_turn(
        {
            BASELINE: lambda: theirs.encode(list(texts), batch_size=BATCH, show_progress_bar=False),
            ENGINE: lambda: ours.embed_documents(texts),
        },
        runs,
    )
    cosines = (results[BASELINE] * results[ENGINE]).sum(axis=1)
    return Speed(
        what=f"embedding {len(texts)} passages of {name}",
        seconds=seconds,
        agreement=f"cosine at least {cosines.min():.5f}, mean {cosines.mean():.5f}",
    )


def reranking(folder: Path, texts: Sequence[str], settings: Settings, runs: int) -> Speed:
    """One question with each text, by a cross-encoder."""
    from sentence_transformers import CrossEncoder

    theirs = CrossEncoder(str(folder), max_length=MAX_TOKENS, device="cpu", local_files_only=True)
    ours = Classifier(folder, max_tokens=MAX_TOKENS, threads=settings.threads)
    pairs = [(QUESTION, text) for text in texts]
    results, seconds = in_turn(
        {
            BASELINE: lambda: theirs.predict(
                pairs, batch_size=BATCH, show_progress_bar=False, activation_fn=_identity()
            ),
            ENGINE: lambda: np.array(ours.logits(ours.tokens.pairs([QUESTION] * len(texts), texts))),
        },
        runs,
    )
    correlation = np.corrcoef(results[BASELINE], results[ENGINE])[0, 1]
    return Speed(
        what=f"reranking {len(texts)} passages",
        seconds=seconds,
        agreement=f"correlation of the logits {correlation:.5f}",
    )


def _identity() -> Any:
    from torch import nn

    return nn.Identity()


def first_vector(settings: Settings, runs: int) -> Speed:
    """From the start of a process to the vector of a first question; peak memory as well."""
    folder = models.locate(models.PACKAGED, settings.models)
    code = {
        BASELINE: "from sentence_transformers import SentenceTransformer\n"
        f"SentenceTransformer({str(folder)!r}, device='cpu', local_files_only=True).encode([question])",
        ENGINE: "from assistant.config import Settings\nfrom assistant.encoders import load\n"
        f"load('minilm', Settings(threads={settings.threads})).embed_queries([question])",
    }
    memory, seconds = in_turn({name: partial(fresh, lines) for name, lines in code.items()}, runs)
    peaks = ", ".join(f"{name} {peak:.0f} MB" for name, peak in memory.items())
    return Speed(what="first vector of a fresh process", seconds=seconds, agreement=f"peak memory: {peaks}")


def fresh(code: str) -> float:
    """Run in a new process; its peak memory in MB."""
    done = subprocess.run(
        [sys.executable, "-c", f"question = {QUESTION!r}\n{code}\n{_PEAK}"], capture_output=True, text=True
    )
    if done.returncode:
        raise AssistantError(f"the benchmark's process failed: {done.stderr.strip().splitlines()[-1]}")
    return float(done.stdout.split()[-1])


# Linux hands ru_maxrss down from the parent, so its own record of the process is read where there is one.
_PEAK = """
from pathlib import Path
status = Path("/proc/self/status")
if status.exists():
    (line,) = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    print(int(line.split()[1]) / 2**10)
else:
    import resource
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""


def in_turn(
    work: Mapping[str, Callable[[], Any]], runs: int, clock: Callable[[], float] = time.perf_counter
) -> tuple[dict[str, Any], dict[str, float]]:
    """The last result and the median seconds of each; one after the other in every round, so that a busy
    moment of the machine meets both. A first round loads and is not counted."""
    results = {name: do() for name, do in work.items()}
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(runs):
        for name, do in work.items():
            begin = clock()
            results[name] = do()
            taken[name].append(clock() - begin)
    return results, {name: median(times) for name, times in taken.items()}


def untrained(folder: Path, settings: Settings) -> Path:
    """A cross-encoder of the packaged MiniLM's size, for its speed alone."""
    from assistant.loading import reading

    source = models.locate(models.PACKAGED, settings.models)
    with reading(source):
        from transformers import AutoModelForSequenceClassification, AutoTokenizer

        model = AutoModelForSequenceClassification.from_pretrained(
            source, num_labels=1, local_files_only=True
        )
        model.save_pretrained(folder)
        AutoTokenizer.from_pretrained(source, local_files_only=True).save_pretrained(folder)
    return folder


def table(found: Sequence[Speed]) -> str:
    """For the terminal."""
    lines = [f"{'work':42}{'fp32 s':>9}{'engine s':>10}{'ratio':>8}  results"]
    for row in found:
        times = f"{row.seconds[BASELINE]:9.3f}{row.seconds[ENGINE]:10.3f}{row.ratio:8.2f}"
        lines.append(f"{row.what:42}{times}  {row.agreement}")
    return "\n".join(lines)


def to_json(found: Sequence[Speed]) -> str:
    rows = [
        {"work": f.what, "seconds": dict(f.seconds), "ratio": f.ratio, "results": f.agreement} for f in found
    ]
    return json.dumps(rows)
