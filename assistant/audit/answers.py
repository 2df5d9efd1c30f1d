"""The record of an answer (C13): what it rests on, how it was ranked and judged; no words of it by default.

Questions and sentences stand in it as keyed digests (`Log.keyed`), so that who has the folder can tell
whether this question was asked and this sentence shown, and nobody can guess them from a copied log alone.
The setting audit_text writes the words as well.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from assistant.audit.log import Log
from assistant.errors import AssistantError, AuditError
from assistant.types import Answer, Evidence, Sentence
from rerankers.base import Reranker


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """Records answers in `log`; with `text` also their words."""

    log: Log
    text: bool = False

    def recorded(self, answer: Answer, reranker: Reranker) -> Answer:
        """The answer, recorded; where that failed, its `degraded` says so."""
        try:
            self.log.append(self.record(answer, reranker.name, revision(reranker)))
        except AuditError as error:
            return replace(answer, degraded=(*answer.degraded, str(error)))
        return answer

    def record(self, answer: Answer, reranker: str, revision: str) -> dict[str, Any]:
        """`reranker` and `revision`: what was to rank; the answer says what did. Raises AuditError."""
        return {
            "event": "answer",
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "question": self._words(answer.question),
            **({"asked": self._words(answer.asked)} if answer.asked not in ("", answer.question) else {}),
            "status": answer.status,
            **({"note": answer.note} if self.text else {}),
            "sentences": [self._sentence(s) for s in answer.sentences],
            "evidence": [_evidence(e) for e in answer.evidence],
            "reranker": {"asked": reranker, "revision": revision, "ranked_by": answer.ranked_by},
            "degraded": list(answer.degraded),
            "egress": [{"service": e.service, "what": e.what} for e in answer.egress],
            "timings_ms": {name: round(ms, 1) for name, ms in answer.timings_ms.items()},
            "versions": dict(answer.versions),
        }

    def _words(self, text: str) -> Mapping[str, str]:
        return {"keyed": self.log.keyed(text), **({"text": text} if self.text else {})}

    def _sentence(self, sentence: Sentence) -> dict[str, Any]:
        return {
            **self._words(sentence.text),
            "citations": list(sentence.citations),
            "verdict": sentence.verdict,
            **({"reasons": list(sentence.reasons)} if self.text else {}),  # they quote the sentence
        }


def revision(reranker: Reranker) -> str:
    """Digests or commits of its models; what it lacks is in the answer's `degraded`."""
    try:
        return reranker.revision
    except AssistantError:
        return "not usable"


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {"n": evidence.n, "chunk_id": evidence.hit.chunk.id, "scores": asdict(evidence.hit.scores)}
