"""As many passages as a budget of time allows."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from assistant.config import Settings
from assistant.errors import InputError
from assistant.types import Egress
from rerankers.base import KeepOrder, Reranker, Scored
from rerankers.combine import Ask, Composition, above_the_rest, together
from rerankers.profile import Clock, Profile, keep, measure, stored, tokens

CALL_SHARE = 0.1  # of the budget; where a call costs more beside its passages, there is only one
SLOWER = 1.5  # first meetings with a passage, from where on it is said


class Budget(Composition):
    """`part` over as many of the first hits as `milliseconds` allow; the others keep their order below.

    What was cut stands in `degraded`. The pool is sized from the stored profile; without one a quick one is
    measured first, and a note says so. The profile holds for passages that `part` has met before; where
    first meetings cost more, a note says how much.

    A pointwise part on this machine is held to the clock as well: half of the time is planned by the profile,
    what is left then by how long that took, until no passage fits, so that a busy machine makes the pool
    smaller and an idle one larger. Any other part is called once, and so is one whose calls are dear.
    """

    def __init__(
        self, part: Reranker, milliseconds: float, settings: Settings, clock: Clock = time.perf_counter
    ) -> None:
        self.name = part.name
        self._part, self._budget, self._settings, self._clock = part, milliseconds, settings, clock
        self._sent: tuple[Egress, ...] = ()
        self._trouble: tuple[str, ...] = ()

    @property
    def revision(self) -> str:
        return f"{self._part.revision}|{self._budget:g} ms"

    @cached_property
    def _profile(self) -> Profile:
        found = stored(self._part, self._settings)
        if found is None:
            found = measure(self._part, quick=True, clock=self._clock)
            self._sent = tuple(Egress(service=s, what="made-up passages, to time it") for s in found.services)
            try:
                keep(found, self._part, self._settings)
            except InputError as error:
                self._trouble = (str(error),)
        return found

    def combine(self, query: str, passages: Sequence[str], ask: Ask) -> Scored:
        asked, count = tokens(query), len(passages)
        sizes = [asked + tokens(passage) for passage in passages]
        scored = self._by_clock(sizes, ask) if self._divisible else self._at_once(sizes, ask)
        fitting = len(scored.scores)
        rows = range(fitting)
        cut = f"budget of {self._budget:g} ms: {fitting} of {count} passages reranked"
        sent, self._sent = self._sent, ()
        return replace(
            scored,
            scores=above_the_rest(rows, scored.scores, range(count)),
            own=above_the_rest(rows, scored.own, range(count)) if scored.own else None,
            degraded=(*scored.degraded, cut) if fitting < count else scored.degraded,
            notes=(*scored.notes, *self._notes, *self._trouble),
            egress=(*sent, *scored.egress),
        )

    @property
    def _divisible(self) -> bool:
        cheap = self._profile.call_ms <= CALL_SHARE * self._budget
        return self._part.pointwise and cheap and not self._profile.services

    def _at_once(self, sizes: Sequence[int], ask: Ask) -> Scored:
        fitting = self._profile.fits(sizes, self._budget)
        return ask(self._part, range(fitting)) if fitting else _NOTHING

    def _by_clock(self, sizes: Sequence[int], ask: Ask) -> Scored:
        profile, begin = self._profile, self._clock()
        first = profile.fits(sizes, self._budget / 2)
        if not first:
            return self._at_once(sizes, ask)
        scored, done, expected = (
            ask(self._part, range(first)),
            first,
            profile.expected(first, sum(sizes[:first])),
        )
        while done < len(sizes):
            spent = (self._clock() - begin) * 1000
            more = profile.fits(sizes[done:], self._budget - spent, spent / max(expected, 1e-6))
            if not more:
                break
            scored = _joined(scored, ask(self._part, range(done, done + more)))
            expected += profile.expected(more, sum(sizes[done : done + more]))
            done += more
        return scored

    @property
    def _notes(self) -> tuple[str, ...]:
        notes = []
        if self._profile.quick:
            notes.append(f"{self.name} was timed quickly for the budget; better: assistant rerank profile")
        if self._profile.first_time > SLOWER:
            times = f"{self._profile.first_time:.0f} times as long"
            notes.append(f"the budget holds for passages met before; {self.name} takes {times} for new ones")
        return tuple(notes)


_NOTHING = Scored(scores=(), ranked_by=KeepOrder.name)


def _joined(a: Scored, b: Scored) -> Scored:
    """Scores of one reranker for the passages of a and then of b."""
    return replace(
        a,
        scores=a.scores + b.scores,
        own=a.own + b.own if a.own and b.own else None,
        degraded=tuple(dict.fromkeys(a.degraded + b.degraded)),
        notes=tuple(dict.fromkeys(a.notes + b.notes)),
        egress=tuple(dict.fromkeys(a.egress + b.egress)),
        usage=together(a.usage, b.usage),
    )
