"""What may leave this machine: identifiers of persons are found, and the gate keeps them in."""

from assistant.privacy.find import find, redact
from assistant.privacy.gate import gate, gate_for, withheld
from assistant.privacy.kinds import KINDS, SPOKEN, Kind, Span

__all__ = ["KINDS", "SPOKEN", "Kind", "Span", "find", "gate", "gate_for", "redact", "withheld"]
