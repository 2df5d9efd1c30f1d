"""The language that names rerankers and their compositions, on the command line, in settings and the UI.

    spec     = name | cascade | fusion | fallback | cached
    cascade  = "cascade" "(" spec "@" N ">" K "," spec ")"      1 <= K <= N <= 10000
    fusion   = "fusion" "(" spec [ "," file ] ")"
    fallback = "fallback" "(" spec { "," spec } ")"
    cached   = "cached" "(" spec ")"
    name, file = characters other than white space and ( ) , @ > "
               | '"' any characters, a double quote written twice '"'

White space between the parts means nothing. `str` of a parsed spec is its normal form, which parses to an
equal one.
"""

import re
from dataclasses import dataclass

from assistant.errors import ConfigError

DEEPEST = 20  # compositions inside one another
MOST = 10_000  # passages, in a cascade

_BARE = re.compile(r'[^\s(),@>"]+')
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_NUMBER = re.compile(r"[0-9]{1,5}")
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True, slots=True)
class Name:
    """A reranker of the catalogue, or a model's folder."""

    text: str

    def __str__(self) -> str:
        return quoted(self.text)


@dataclass(frozen=True, slots=True)
class Cascade:
    """`fast` ranks the first `first` hits, `precise` the best `best` of them."""

    fast: "Spec"
    first: int
    best: int
    precise: "Spec"

    def __str__(self) -> str:
        return f"cascade({self.fast}@{self.first}>{self.best},{self.precise})"


@dataclass(frozen=True, slots=True)
class Fusion:
    """`part` with the scores of the first stage; `file` has the weights, "" takes the stored or default."""

    part: "Spec"
    file: str = ""

    def __str__(self) -> str:
        return f"fusion({self.part},{quoted(self.file)})" if self.file else f"fusion({self.part})"


@dataclass(frozen=True, slots=True)
class Fallback:
    """The first of `parts` that works."""

    parts: "tuple[Spec, ...]"

    def __str__(self) -> str:
        return f"fallback({','.join(map(str, self.parts))})"


@dataclass(frozen=True, slots=True)
class Cached:
    """`part`, whose scores are kept."""

    part: "Spec"

    def __str__(self) -> str:
        return f"cached({self.part})"


Spec = Name | Cascade | Fusion | Fallback | Cached

FORMS = {
    "cascade": "cascade(fast@100>20,precise)",
    "fusion": "fusion(name)",
    "fallback": "fallback(first,second)",
    "cached": "cached(name)",
}


def parse(text: str) -> Spec:
    """One spec. Raises ConfigError with the position (characters before it) and what was expected there."""
    reader = _Reader(text)
    found = reader.spec()
    reader.end("the end")
    return found


def names(text: str) -> list[str]:
    """The specs of a list by commas, in normal form; commas inside a spec do not divide, empty items
    count for nothing. Raises ConfigError as `parse` does."""
    reader, found = _Reader(text), []
    while not reader.at_end():
        if not reader.skip(","):
            found.append(str(reader.spec()))
            if not reader.at_end() and not reader.skip(","):
                reader.end(", or the end")
    return found


def quoted(text: str) -> str:
    """A name as a spec writes it."""
    if _BARE.fullmatch(text) and text not in FORMS:
        return text
    return '"' + text.replace('"', '""') + '"'


class _Reader:
    """Recursive descent: each method reads one part, or raises."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth = text, 0, 0

    def spec(self) -> Spec:
        if self._depth > DEEPEST:
            raise self._wrong(f"at most {DEEPEST} compositions inside one another")
        self._skip_space()
        if self._text.startswith('"', self._at):
            return Name(self.name("a name"))
        word = self.name("a name or one of " + ", ".join(FORMS))
        form = FORMS.get(word)
        if form is None:
            if not self.at_end() and self._text[self._at] == "(":
                raise self._wrong(f"no parenthesis: there is no {word}(...), only " + ", ".join(FORMS))
            return Name(word)
        self._depth += 1
        self.expect("(", f"(, as in {form}")
        found = self._composition(word)
        self._depth -= 1
        return found

    def _composition(self, word: str) -> Spec:
        first = self.spec()
        if word == "cascade":
            self.expect("@", "@ and a number of passages")
            many = self.number(MOST)
            self.expect(">", "> and a smaller number")
            few = self.number(many)
            self.expect(",")
            precise = self.spec()
            self.expect(")")
            return Cascade(first, many, few, precise)
        if word == "fusion":
            file = self.name("a file") if self.skip(",") else ""
            self.expect(")", ")" if file else ", or )")
            return Fusion(first, file)
        if word == "cached":
            self.expect(")")
            return Cached(first)
        parts = [first]
        while self.skip(","):
            parts.append(self.spec())
        self.expect(")", ", or )")
        return Fallback(tuple(parts))

    def name(self, expected: str) -> str:
        self._skip_space()
        if self._text.startswith('"', self._at):
            match = _QUOTED.match(self._text, self._at)
            if match is None:
                raise self._wrong('a closing "')
            text = match[1].replace('""', '"')
        else:
            match = _BARE.match(self._text, self._at)
            text = match[0] if match else ""
        if match is None or not text:
            raise self._wrong(expected)
        self._at = match.end()
        return text

    def number(self, most: int) -> int:
        self._skip_space()
        match = _NUMBER.match(self._text, self._at)
        if match is None or not 1 <= int(match[0]) <= most:
            raise self._wrong(f"a number from 1 to {most}")
        self._at = match.end()
        return int(match[0])

    def expect(self, sign: str, expected: str = "") -> None:
        if not self.skip(sign):
            raise self._wrong(expected or sign)

    def skip(self, sign: str) -> bool:
        self._skip_space()
        if not self._text.startswith(sign, self._at):
            return False
        self._at += len(sign)
        return True

    def at_end(self) -> bool:
        self._skip_space()
        return self._at == len(self._text)

    def end(self, expected: str) -> None:
        if not self.at_end():
            raise self._wrong(f'{expected} (a name with other signs stands in "")')

    def _skip_space(self) -> None:
        match = _SPACE.match(self._text, self._at)
        self._at = match.end() if match else self._at

    def _wrong(self, expected: str) -> ConfigError:
        shown = self._text if len(self._text) <= 200 else self._text[:200] + "..."
        return ConfigError(f"{shown!r}: position {self._at}: expected {expected}")
