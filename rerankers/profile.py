"""What a reranker costs on this machine, by timed calls.

A call takes  call_ms + passage_ms * passages + token_ms * tokens  milliseconds. The three are fitted to timed
calls by least squares of the relative error, none below 0 (Lawson and Hanson 1974). A token here is a word or
a sign, of the question (once for each passage) or of a passage: what every tokenizer starts from, so that one
unit fits all.
"""

import json
import os
import platform
import random
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from statistics import median
from uuid import uuid4

from assistant.config import Settings
from assistant.errors import InputError
from assistant.types import Chunk, Hit, Metadata, Origin, Scores
from rerankers.base import Reranker

FORMAT = "profile/1"
MARGIN = 1.15  # a budget is planned for calls that take so much longer than expected
QUESTION = "Which dose of the anticoagulant is safe with moderate renal impairment?"
_RARE = ("thrombocytopenia", "echocardiographic")
_WORDS = (  # together about 1.3 pieces a word, as abstracts have
    *("patients", "treatment", "trial", "dose", "risk", "daily", "renal", "group", "with", "and", "of", "of"),
    *("in", "the", "the", "were", "was", "or", "for", "to", "by", "at", "from", *_RARE),
)
_FULL = [(n, tokens) for n in (1, 8, 24) for tokens in (20, 80, 240)]
_QUICK = [(n, tokens) for n in (1, 8) for tokens in (20, 200)]
_TOKEN = re.compile(r"\w+|[^\w\s]")

Clock = Callable[[], float]  # seconds


@dataclass(frozen=True, slots=True)
class Timing:
    """One call; its tokens are those of all pairs."""

    passages: int
    tokens: int
    ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """`p50` and `p95`: percentiles of measured / fitted over the timings. `first_time`: how much longer
    passages took (a factor) that the reranker met for the first time. `services`: what was asked."""

    reranker: str
    revision: str
    date: str
    quick: bool
    call_ms: float
    passage_ms: float
    token_ms: float
    p50: float
    p95: float
    first_time: float
    timings: tuple[Timing, ...]
    services: tuple[str, ...] = ()

    def expected(self, passages: int, tokens: int) -> float:
        """Fitted milliseconds of a call."""
        return self.call_ms + self.passage_ms * passages + self.token_ms * tokens

    def fits(self, tokens: Sequence[int], budget_ms: float, pace: float | None = None) -> int:
        """How many of the first passages, of so many tokens each, are read within the budget, MARGIN
        included. `pace`: measured / fitted; by default the median of the timings, since the slowest of them
        may be the doing of other programs."""
        slower = MARGIN * (self.p50 if pace is None else pace)
        totals = enumerate(accumulate(tokens), start=1)
        return sum(self.expected(n, total) * slower <= budget_ms for n, total in totals)

    def text(self) -> str:
        """For the terminal."""
        size, passages = 220, 50
        usual = self.expected(passages, passages * size)
        return "\n".join(
            (
                f"{self.reranker} on this machine, {self.date[:10]}, {len(self.timings)} timed calls"
                + (" (quick)" if self.quick else ""),
                f"  a call {self.call_ms:.1f} ms, a passage {self.passage_ms:.2f} ms, "
                f"a token of question and passage {self.token_ms:.4f} ms",
                f"  {passages} passages of {size} tokens: p50 {usual * self.p50:.0f} ms, "
                f"p95 {usual * self.p95:.0f} ms; met for the first time: {self.first_time:.1f} times as long",
                *(
                    f"  in {budget} ms: {self.fits([size] * 1000, budget)} passages"
                    for budget in (100, 200, 500, 1000)
                ),
            )
        )

    def json(self) -> dict[str, object]:
        return {"format": FORMAT, **asdict(self)}


def tokens(text: str) -> int:
    return sum(1 for _ in _TOKEN.finditer(text))


def measure(
    reranker: Reranker,
    *,
    quick: bool = False,
    clock: Clock = time.perf_counter,
    limit_s: float = 60.0,
) -> Profile:
    """Time the reranker on made-up passages that it has met before, with questions that it has not.

    So what a reranker keeps of a passage counts as kept (a library's passages come again), and a score that
    is kept does not. Few and many, short and long passages; after `limit_s` seconds no further call once
    there are four timings. A service is really asked. Raises what the reranker raises, and ModelError when
    its scores are unusable.
    """
    made = random.Random(uuid4().int)
    services: dict[str, None] = {}

    def timed(hits: Sequence[Hit]) -> Timing:
        question = f"{QUESTION} {made.getrandbits(32):08x}"
        begin = clock()
        scored = reranker.judge(question, hits)
        ms = (clock() - begin) * 1000
        scored.checked(len(hits))
        services.update(dict.fromkeys(egress.service for egress in scored.egress))
        read = sum(tokens(hit.chunk.text) + tokens(question) for hit in hits)
        return Timing(len(hits), read, ms)

    timed([_made_up(40, made)])  # the model is loaded
    begin = clock()
    timings: list[Timing] = []
    slower: list[float] = []
    for passages, size in _QUICK if quick else _FULL:
        hits = [_made_up(size, made) for _ in range(passages)]
        first = timed(hits)
        again = [timed(hits) for _ in range(1 if quick else 3)]
        timings += again
        slower.append(first.ms / max(again[-1].ms, 1e-6))
        if len(timings) >= 4 and clock() - begin > limit_s:
            break
    return fit(timings, reranker, quick=quick, services=tuple(services), first_time=median(slower))


def fit(
    timings: Sequence[Timing],
    reranker: Reranker,
    *,
    quick: bool = False,
    services: tuple[str, ...] = (),
    first_time: float = 1.0,
) -> Profile:
    """The cost that the timings show."""
    import numpy as np
    from scipy.optimize import nnls

    table = np.array([(1, t.passages, t.tokens) for t in timings], dtype=np.float64)
    measured = np.maximum([t.ms for t in timings], 1e-6)
    costs, _ = nnls(table / measured[:, None], np.ones(len(timings)))
    call_ms, passage_ms, token_ms = costs
    ratios = measured / np.maximum(table @ costs, 1e-6)
    p50, p95 = np.percentile(ratios, [50, 95])
    return Profile(
        reranker=reranker.name,
        revision=reranker.revision,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        quick=quick,
        call_ms=float(call_ms),
        passage_ms=float(passage_ms),
        token_ms=float(token_ms),
        p50=float(p50),
        p95=float(p95),
        first_time=first_time,
        timings=tuple(timings),
        services=services,
    )


def stored(reranker: Reranker, settings: Settings) -> Profile | None:
    """The profile of this reranker, revision, machine and number of threads; None when there is none."""
    try:
        fields = json.loads(place(reranker, settings).read_text("utf-8"))
        if fields.pop("format") != FORMAT:
            return None
        timings = tuple(Timing(**timing) for timing in fields.pop("timings"))
        return Profile(**{**fields, "timings": timings, "services": tuple(fields["services"])})
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def keep(found: Profile, reranker: Reranker, settings: Settings) -> Path:
    """Store it for `stored`; the file. Raises InputError when it cannot be written."""
    path = place(reranker, settings)
    part = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(json.dumps(found.json(), indent=1), "utf-8")
        part.replace(path)
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from None
    return path


def place(reranker: Reranker, settings: Settings) -> Path:
    machine = (platform.node(), platform.machine(), os.cpu_count(), settings.threads)
    key = json.dumps([reranker.name, reranker.revision, *machine])
    name = re.sub(r"[^A-Za-z0-9._+-]+", "_", reranker.name)[:60]
    return settings.cache / "profiles" / f"{name}-{sha256(key.encode()).hexdigest()[:12]}.json"


def _made_up(size: int, made: random.Random) -> Hit:
    """A hit of `size` tokens with first-stage scores, like no other: nothing that is kept helps."""
    number = f"{made.getrandbits(32):08x}"
    words = [number, *made.choices(_WORDS, k=size - 1)]
    sentences = [" ".join(words[i : i + 15]).capitalize() for i in range(0, size, 15)]
    text = ". ".join(sentences)
    chunk = Chunk(id=number, document_id=number, section=0, heading="", start=0, end=len(text), text=text)
    origin = Origin(path="made up", format="text")
    scores = Scores(bm25=made.random(), dense=made.random())
    return Hit(chunk=chunk, metadata=Metadata(title="", origin=origin), scores=scores)
