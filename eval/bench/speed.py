"""The engine beside sentence-transformers in float32: same texts, same weights, same process, turn by turn.

Read the ratios; seconds are those of this machine at this moment.
"""

import subprocess
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from assistant import models
from assistant.config import Settings
from assistant.encoders.transformer import MiniLM
from assistant.errors import AssistantError
from assistant.types import Document, passage
from eval.bench.rerank import reranking
from eval.bench.turns import BASELINE, BATCH, ENGINE, QUESTION, Speed, in_turn
from ingest.readers import read
from ingest.sample import CORPUS


def bench(
    folders: Sequence[Path], settings: Settings, *, limit: int = 300, runs: int = 5, reranker: str = ""
) -> list[Speed]:
    """Embedding of the first `limit` passages of each folder in BEIR format (without one, of the sample
    library), a question with 50 passages by a reranker, and the first vector of a fresh process.

    `reranker` is any reranker's spec; without one, the packaged MiniLM with an untrained head.
    """
    texts = {folder.name: passages(folder, limit) for folder in folders or [CORPUS]}
    found = [embedding(name, some, settings, runs) for name, some in texts.items()]
    pairs = next(iter(texts.values()))[:50]
    found += reranking(reranker, pairs, settings, runs)
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


def table(found: Sequence[Speed]) -> str:
    """For the terminal."""
    lines = [f"{'work':58}{'fp32 s':>9}{'engine s':>10}{'ratio':>8}  results"]
    for row in found:
        times = f"{row.seconds[BASELINE]:9.3f}{row.seconds[ENGINE]:10.3f}{row.ratio:8.2f}"
        lines.append(f"{row.what:58}{times}  {row.agreement}")
    return "\n".join(lines)


def to_json(found: Sequence[Speed]) -> list[dict[str, object]]:
    return [
        {"work": f.what, "seconds": dict(f.seconds), "ratio": f.ratio, "results": f.agreement} for f in found
    ]
