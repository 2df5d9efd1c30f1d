"""First-stage scores and a reranker's, as one weighted sum."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from statistics import fmean

from assistant.config import Settings
from assistant.errors import ConfigError
from assistant.types import Hit
from rerankers.base import Reranker, Scored
from rerankers.spec import quoted

FORMAT = "fusion/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """Not negative, not all 0. `reranker` and `revision`: what they were learned with, "" for nothing."""

    bm25: float
    dense: float
    rerank: float
    reranker: str = ""
    revision: str = ""

    def __post_init__(self) -> None:
        values = (self.bm25, self.dense, self.rerank)
        if not all(map(math.isfinite, values)) or min(values) < 0 or max(values) == 0:
            raise ValueError("weights are finite, not negative and not all 0")


DEFAULT = Weights(bm25=0.25, dense=0.25, rerank=0.5)  # one half for each stage
BUNDLED = Weights(bm25=0.35, dense=0.35, rerank=0.3)  # of `bundled`: see its model card


class Fusion(Reranker):
    """score = sum over s in (bm25, dense, rerank) of weight_s * z_s, the z-scores of a question's pool.

    A hit that a stage did not see has that stage's minimum; a stage that tells no two hits apart has no say.
    Hits without any first-stage score, and bare passages, get the reranker's own scores. The weights are
    `given`, else those of `file`, else the ones that `assistant eval fit` stored for this reranker, else
    DEFAULT.
    """

    pointwise = False

    def __init__(
        self,
        part: Reranker,
        settings: Settings,
        file: str = "",
        *,
        given: Weights | None = None,
        name: str = "",
    ) -> None:
        self._part, self._file, self._given, self._called = part, file, given, name
        self.name = name or (f"fusion({part.name},{quoted(file)})" if file else f"fusion({part.name})")
        self._path = Path(file).expanduser() if file else place(part.name, settings)

    @cached_property
    def weights(self) -> Weights:
        """Raises ConfigError when the file is not one of weights."""
        if self._given is not None:
            return self._given
        if not self._file and not self._path.exists():
            return DEFAULT
        return read(self._path)

    @property
    def revision(self) -> str:
        weights = self.weights
        return f"{self._part.revision}|{weights.bm25:g},{weights.dense:g},{weights.rerank:g}"

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return self._part.score(query, passages)

    def judge(self, query: str, hits: Sequence[Hit]) -> Scored:
        scored = self._part.judge(query, hits).checked(len(hits))
        if all(hit.scores.bm25 is None and hit.scores.dense is None for hit in hits):
            reason = "the passages have no first-stage scores: ranked by the reranker alone"
            return replace(scored, degraded=(*scored.degraded, reason))
        table = zip(
            standardised([hit.scores.bm25 for hit in hits]),
            standardised([hit.scores.dense for hit in hits]),
            standardised(scored.scores),
            strict=True,
        )
        w = self.weights
        return replace(
            scored,
            scores=tuple(w.bm25 * bm25 + w.dense * dense + w.rerank * own for bm25, dense, own in table),
            own=scored.scores if scored.own is None else scored.own,
            ranked_by=self._called or f"fusion({scored.ranked_by})",
            degraded=(*scored.degraded, *self._mismatch),
            notes=(*scored.notes, *self._unlearned),
        )

    @property
    def _unlearned(self) -> tuple[str, ...]:
        if self._given is not None or self.weights is not DEFAULT:
            return ()
        return (f"fusion weights of {self._part.name} are the default ones, not learned: assistant eval fit",)

    @cached_property
    def _mismatch(self) -> tuple[str, ...]:
        w = self.weights
        if w.reranker and (w.reranker, w.revision) != (self._part.name, self._part.revision):
            return (f"fusion weights were learned with another {w.reranker}: assistant eval fit",)
        return ()


def standardised(values: Sequence[float | None]) -> list[float]:
    """z-scores (population deviation); None gets the lowest of them. All 0 where no two values differ."""
    known = [value for value in values if value is not None]
    low, spread = min(known, default=0.0), max(known, default=0.0) - min(known, default=0.0)
    if spread == 0:
        return [0.0] * len(values)
    scaled = [(value - low) / spread for value in known]  # 0 to 1, so that no square overflows
    mean = fmean(scaled)
    deviation = math.sqrt(fmean([(value - mean) ** 2 for value in scaled]))
    return [(0.0 - mean if value is None else (value - low) / spread - mean) / deviation for value in values]


def place(reranker: str, settings: Settings) -> Path:
    """Where the learned weights of a reranker are kept."""
    name = re.sub(r"[^A-Za-z0-9._+-]+", "_", reranker)[:60]
    if name != reranker:
        name += "-" + sha256(reranker.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return settings.models / "fusion" / f"{name}.json"


def read(path: Path) -> Weights:
    """The weights of a file that `eval.fit` wrote. Raises ConfigError naming the file."""
    try:
        found = json.loads(path.read_text("utf-8"))
        if found["format"] != FORMAT:
            raise ValueError(f"format {found['format']!r}, not {FORMAT!r}")
        own = {stage: float(found["weights"][stage]) for stage in ("bm25", "dense", "rerank")}
        return Weights(**own, reranker=str(found["reranker"]), revision=str(found["revision"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ConfigError(
            f"{path}: not a file of fusion weights ({error}); make one: assistant eval fit"
        ) from None
