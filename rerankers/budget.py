"""As many passages as a budget of time allows."""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

from assistant.config import Settings
from assistant.errors import InputError
from assistant.types import Egress
from rerankers.base import KeepOrder, Reranker, Scored
from rerankers.combine import Ask, Composition, above_the_rest
from rerankers.profile import Clock, Profile, keep, measure, stored, tokens

SLOWER = 1.5  # first meetings with a passage, from where on it is said


class Budget(Composition):
    """`part` over as many of the first hits as `milliseconds` allow; the others keep their order below.

    What was cut stands in `degraded`. The pool is sized from the stored profile; without one a quick one is
    measured first, and a note says so. No call is cut short: the budget is met as far as the profile holds,
    which is for passages that `part` has met before; where first meetings cost more, a note says how much.
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
        fitting = self._profile.fits([asked + tokens(passage) for passage in passages], self._budget)
        rows = range(fitting)
        scored = ask(self._part, rows) if rows else Scored(scores=(), ranked_by=KeepOrder.name)
        cut = f"budget of {self._budget:g} ms: {fitting} of {count} passages reranked"
        sent, self._sent = self._sent, ()
        return replace(
            scored,
            scores=above_the_rest(rows, scored.scores, range(count)),
            degraded=(*scored.degraded, cut) if fitting < count else scored.degraded,
            notes=(*scored.notes, *self._notes, *self._trouble),
            egress=(*sent, *scored.egress),
        )

    @property
    def _notes(self) -> tuple[str, ...]:
        notes = []
        if self._profile.quick:
            notes.append(f"{self.name} was timed quickly for the budget; better: assistant rerank profile")
        if self._profile.first_time > SLOWER:
            times = f"{self._profile.first_time:.0f} times as long"
            notes.append(f"the budget holds for passages met before; {self.name} takes {times} for new ones")
        return tuple(notes)
