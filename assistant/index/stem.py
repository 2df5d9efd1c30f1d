"""English word forms made one: British spelling made American, then Porter's stemmer.

M. F. Porter, An algorithm for suffix stripping, Program 14(3), 1980, with the changes he published later
("bli" for "abli", and "logi").
"""

import re
from collections.abc import Iterable

_SPELLINGS = tuple(
    (re.compile(british), american)
    for british, american in (
        ("[ao]e", "e"),  # anaemia, oedema
        ("sulph", "sulf"),
        ("our(?=s?$|al|ed|ing)", "or"),  # tumour
        ("(?<=..[iy])s(?=(?:e[drs]?|ers|ing|ations?)$)", "z"),  # randomised, analyse
        ("(?<=[bt])re(?=s?$)", "er"),  # fibre, centre
    )
)


def _endings(suffixes: Iterable[str]) -> re.Pattern[str]:
    """Matches the longest of the suffixes at the end of a word."""
    return re.compile(f"(?:{'|'.join(sorted(suffixes, key=len, reverse=True))})$")


_STEP2_PAIRS = """
    ational:ate tional:tion enci:ence anci:ance izer:ize bli:ble alli:al entli:ent eli:e ousli:ous ization:ize
    ation:ate ator:ate alism:al iveness:ive fulness:ful ousness:ous aliti:al iviti:ive biliti:ble logi:log
"""
_STEP2 = dict(pair.split(":") for pair in _STEP2_PAIRS.split())
_STEP3 = {"icate": "ic", "ative": "", "alize": "al", "iciti": "ic", "ical": "ic", "ful": "", "ness": ""}
_ENDINGS2, _ENDINGS3 = _endings(_STEP2), _endings(_STEP3)
_ENDINGS4 = re.compile(
    "(?:ement|ance|ence|able|ible|ment|ant|ent|(?<=[st])ion|ism|ate|iti|ous|ive|ize|al|er|ic|ou)$"
)
_DOUBLED = re.compile(r"([^aeioulsz])\1$")


def american(word: str) -> str:
    """The American spelling where the difference is systematic; words of up to four letters stay."""
    if len(word) > 4:
        for british, replacement in _SPELLINGS:
            word = british.sub(replacement, word)
    return word


def stem(word: str) -> str:
    """Porter's stem of a lower-case word; what is not of letters a to z, or has fewer than three, stays."""
    if len(word) < 3 or not (word.isascii() and word.isalpha()):
        return word
    word = _past(_plural(word))
    if word.endswith("y") and "v" in _shape(word[:-1]):
        word = word[:-1] + "i"
    for endings, replacements in ((_ENDINGS2, _STEP2), (_ENDINGS3, _STEP3)):
        if (found := endings.search(word)) and _measure(word[: found.start()]) > 0:
            word = word[: found.start()] + replacements[found.group()]
    if (found := _ENDINGS4.search(word)) and _measure(word[: found.start()]) > 1:
        word = word[: found.start()]
    if word.endswith("e") and (
        _measure(word[:-1]) > 1 or (_measure(word[:-1]) == 1 and not _short(word[:-1]))
    ):
        word = word[:-1]
    if word.endswith("ll") and _measure(word) > 1:
        word = word[:-1]
    return word


def _plural(word: str) -> str:
    if word.endswith(("sses", "ies")):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _past(word: str) -> str:
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) > 0 else word
    base = word.removesuffix("ed") if word.endswith("ed") else word.removesuffix("ing")
    if base == word or "v" not in _shape(base):
        return word
    if base.endswith(("at", "bl", "iz")) or (_measure(base) == 1 and _short(base)):
        return base + "e"
    return base[:-1] if _DOUBLED.search(base) else base


def _shape(word: str) -> str:
    """Each letter as v(owel) or c(onsonant); y is a vowel after a consonant."""
    shape = ""
    for letter in word:
        shape += "v" if letter in "aeiou" or (letter == "y" and shape.endswith("c")) else "c"
    return shape


def _measure(word: str) -> int:
    """Porter's m: how often a vowel is followed by a consonant."""
    return _shape(word).count("vc")


def _short(word: str) -> bool:
    """Porter's *o: ends consonant, vowel, consonant, and the last is not w, x or y."""
    return _shape(word).endswith("cvc") and word[-1] not in "wxy"
