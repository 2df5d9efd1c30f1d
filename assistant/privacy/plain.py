"""A copy of a text that rules can read, each character of which knows where it came from."""

import unicodedata
from dataclasses import dataclass

_DASHES = dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d", "-")
_QUOTES = dict.fromkeys("\u2018\u2019\u201b\u02bc\u00b4\u0060\u2032", "'")
# Letters of other alphabets that look like Latin ones; changed only inside a word that has Latin letters.
_ALIKE = dict(zip("АВЕКМНОРСТУХЅІЈаеорсухѕіј", "ABEKMHOPCTYXSIJaeopcyxsij", strict=True))
_SINGLE = {**_DASHES, **_QUOTES}


@dataclass(frozen=True, slots=True)
class Plain:
    """`origin[i]` is the index in the original of the character that text[i] was made of."""

    text: str
    origin: tuple[int, ...]

    def back(self, start: int, end: int) -> tuple[int, int]:
        """The original's span of text[start:end]."""
        return self.origin[start], self.origin[end - 1] + 1


def plain(text: str) -> Plain:
    """Compatibility forms resolved (full-width digits, ligatures), accents and unseen characters taken off,
    dashes and apostrophes of one kind, white space single, line breaks kept as one."""
    made: list[str] = []
    origin: list[int] = []
    for i, char in enumerate(text):
        if char.isascii() and not char.isspace():
            made.append(char)
            origin.append(i)
            continue
        for part in _parts(char):
            if part in " \n" and made and made[-1] in " \n":
                if part == "\n":
                    made[-1] = "\n"
                continue
            made.append(part)
            origin.append(i)
    return Plain(_latin("".join(made)), tuple(origin))


def _parts(char: str) -> str:
    if char in _SINGLE:
        return _SINGLE[char]
    if char in "\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029":
        return "\n"
    if char.isspace():
        return " "
    kinds = {"Mn": "", "Me": "", "Cf": "", "Cc": ""}
    parts = "".join(kinds.get(unicodedata.category(c), c) for c in unicodedata.normalize("NFKD", char))
    return "".join(_SINGLE.get(c, " " if c.isspace() else c) for c in parts)


def _latin(text: str) -> str:
    """Look-alike letters next to a Latin one become Latin; as many characters as before."""
    if not any(char in _ALIKE for char in text):
        return text
    words = text.split(" ")
    return " ".join(
        "".join(_ALIKE.get(char, char) for char in word)
        if any(char.isascii() and char.isalpha() for char in word)
        else word
        for word in words
    )
