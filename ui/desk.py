"""What the page works with: functions of the answering side, and nothing else of it."""

from dataclasses import dataclass

from ui.chat import Ask, Describe


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """`ask`: a question -> events. `describe`: what the answers rest on."""

    ask: Ask
    describe: Describe
