"""Invented clinical questions with an identifier in each, and where it stands."""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass

from assistant.privacy import Kind
from eval.privacy.templates import HELD, SEEN
from eval.privacy.values import WORDS

EACH = 90  # questions a class
_TOKEN = re.compile(r"\{(\w+)\}|[#~]")


@dataclass(frozen=True, slots=True)
class Item:
    """text[start:end] is the identifier; `held`: by a template of HELD."""

    text: str
    start: int
    end: int
    kind: Kind
    held: bool
    template: str


def questions(seed: int = 0, each: int = EACH) -> Iterator[Item]:
    """`each` questions for each class: seen and held-out templates by turns; the same for the same seed."""
    draw = random.Random(seed)
    for kind in SEEN:
        for n in range(each):
            held = n % 2 == 1
            templates = (HELD if held else SEEN)[kind]
            yield _filled(templates[n // 2 % len(templates)], kind, held, draw)


def _filled(template: str, kind: Kind, held: bool, draw: random.Random) -> Item:
    before, rest = template.split("<", 1)
    inside, after = rest.split(">", 1)
    parts = [_TOKEN.sub(lambda m: _value(m, draw), part) for part in (before, inside, after)]
    start, words = len(parts[0]), parts[1].strip()
    return Item("".join(parts), start, start + len(words), kind, held, template)


def _value(match: re.Match[str], draw: random.Random) -> str:
    match match[1] or match[0]:
        case "#":
            return str(draw.randint(1, 9))
        case "~":
            return draw.choice("ABCDEFGHJKLMNPRSTUVWXYZ")
        case "at":
            return "@"
        case "day":
            return str(draw.randint(4, 20))
        case "yy":
            return str(draw.randint(1931, 2025))
        case "old":
            return str(draw.randint(90, 107))
        case "byte":
            return str(draw.randint(1, 254))
        case name:
            return draw.choice(WORDS[name])
