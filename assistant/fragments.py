"""A follow-up that is no clause: "and in pregnancy?", "what about children?", "the dose?"."""

import re

from assistant.topics import (
    ACTS,
    ASKING,
    ASPECTS,
    AUXILIARIES,
    COMORBID,
    FUNCTION,
    OUTCOMES,
    PEOPLE,
    PLACING,
    PREPOSITIONS,
    Phrase,
    head,
    is_drug,
    phrases,
    words,
)

POINTS = re.compile(r"\b(?:its|their|it|they|them|this|these|those|that)\b(?!['’]s\b)", re.IGNORECASE)
_LEAD = re.compile(
    r"(?:(?:and|but|or|so|also|then|ok(?:ay)?|thanks|well)\b[\s,]*)*"
    r"(?:(?:what|how) (?:about|of)\b|what if (?:it(?:'s| is) )?"
    r"|(?:and )?(?:the )?same (?:question )?(?=for|in|with)"
    r"|(?:does|is) (?:that|this|it) (?:also )?(?:apply|true|the same|so|hold)(?: also| too| true)? "
    r"(?=to|in|for|with))?\s*",
    re.IGNORECASE,
)
_TOLERATED = re.compile(
    r"\b(?:safe|safely|unsafe|contraindicated|harmful|avoided|tolerated|allowed"
    r"|be (?:used|given|taken|continued|prescribed))\b",
    re.IGNORECASE,
)
_BOUND_BY = {
    "alternative": "to",
    "alternatives": "to",
    "contraindications": "to",
    "antidote": "to",
    "evidence": "for",
}
_BOUND_BY |= {"benefit": "from", "benefits": "from"} | dict.fromkeys(
    ("guideline", "guidelines", "recommendations", "indications", "option", "options"), "for"
)
Made = tuple[str, str] | None  # the question without its mark, and what it carried over


def fragment(asked: str, before: str) -> Made:
    """ "And in pregnancy?", "what about children?", "with warfarin?": a piece without a clause of its own."""
    lead = _LEAD.match(asked)
    rest = _lowered(asked[lead.end() :] if lead else asked)
    led = bool(lead and lead.end())
    have = [w.low for w in words(rest)]
    if led and have[:1] in (["if"], ["when"]) and not POINTS.search(rest):
        return f"{before} {rest}", before
    if not have or have[0] in ASKING | AUXILIARIES or POINTS.search(rest):
        return None
    if any(w in AUXILIARIES | ASKING for w in have):
        return None
    apply = lead is not None and re.search(r"apply|true|same|hold", lead.group(), re.IGNORECASE)
    if apply and have[0] in ("to", "for"):
        rest = "in " + rest.split(None, 1)[1]
        have[0] = "in"
    if not (led or have[0] in PLACING or _bare(rest)):
        return None
    cut = next((w for w in words(rest)[1:] if w.low in PLACING), None)
    if have[0] not in PREPOSITIONS and cut is not None and not _all(rest, ASPECTS | FUNCTION):
        named = fragment("and " + rest[: cut.start], before)
        return fragment("and " + rest[cut.start :], named[0]) if named else None
    if have[0] in PREPOSITIONS:
        return _placed(have[0], rest.split(None, 1)[1] if len(have) > 1 else "", before)
    bare = re.sub(r"^(?:the|a|an|any|some|other)\s+", "", rest, flags=re.IGNORECASE)
    if outcome := _outcome(bare, before):
        return _swap(before, outcome, bare)
    if re.fullmatch(r"(?:first|second|third)-line", bare, re.IGNORECASE):
        bare = rest = f"{bare} treatment"
    if _all(rest, ASPECTS | ACTS | FUNCTION | PEOPLE | COMORBID) and any(w in ASPECTS for w in have):
        return _aspect(rest, before)
    if all(w in PEOPLE | COMORBID | FUNCTION for w in have):
        return _placed("in", rest, before)
    if twin := _twin(bare, before):
        return _swap(before, twin, bare)
    if re.match(r"(?!nursing)\w+ing\b", bare):
        about = topic(before)
        return f"{asked} ({about})", about
    if is_drug(bare):
        old = next((p for p in phrases(before) if p.drug), None)
        return _swap(before, old, bare) if old else (f"{before} with {bare}", before)
    old = next((p for p in reversed(phrases(before)) if not p.drug and not p.population), None)
    if old and (old.before != "of" or len(phrases(before)) == 1 or not is_drug(before)):
        return _swap(before, old, bare)
    return f"{before} in {bare}", before


def _bare(text: str) -> bool:
    """A few words that only name a population or an aspect, or one drug."""
    have = [w.low for w in words(text)]
    if len(have) > 5:
        return False
    general = all(w in PEOPLE | COMORBID | ASPECTS | FUNCTION for w in have)
    return (general and any(w in PEOPLE | COMORBID | ASPECTS for w in have)) or (
        len(have) == 1 and is_drug(text)
    )


def _placed(preposition: str, thing: str, before: str) -> Made:
    """ "in X" in place of the one before of the same sort, else added."""
    new = f"{preposition} {thing}"
    plain = re.sub(r"^(?:the|a|an)\s+", "", thing)
    if _measure(before, thing) is None and (twin := _twin(plain, before)):
        return _swap(before, twin, plain)
    old = _place(before, preposition, thing)
    if old is None:
        return f"{before} {new}", before
    return before[: old[0]] + new + before[old[1] :], f"{before[: old[0]]}…{before[old[1] :]}"


def _place(before: str, preposition: str, thing: str) -> tuple[int, int] | None:
    """Where the question before has a place that `preposition thing` takes over."""
    if measured := _measure(before, thing):
        return measured
    (new, *_) = [*phrases(f"{preposition} {thing}"), Phrase(0, 0, thing, preposition)]
    for phrase in reversed(phrases(before)):
        start = _opening(before, phrase)
        if start is None or start == 0:
            continue
        same_kind = phrase.population and new.population
        same_drug = phrase.drug and new.drug and phrase.before == preposition
        same_time = preposition in ("before", "after") and phrase.before == preposition
        context = preposition in ("in", "during") and phrase.before in ("in", "during") and not phrase.drug
        if same_kind or same_drug or same_time or (context and _TOLERATED.search(before)):
            return start, phrase.end
    return None


def _measure(before: str, thing: str) -> tuple[int, int] | None:
    """Where a number is bound, before, as `thing` binds one: "at an eGFR of 45" for "an eGFR of 25"."""
    value = re.search(r"\d[\d.,]*\s*%?(?:\s?[a-zµ]+(?:/[\w.²]+)*)?$", thing)
    if value is None:
        return None
    link = r"\b(?:at|of|below|above|under|over|from|with|than)\s+"
    name = next((w.text for w in words(thing) if w.low not in FUNCTION and not w.low[0].isdigit()), "")
    if name and value.start() > 0:
        named = rf"{link}(?:an?\s+|the\s+)?{re.escape(name)}\s+(?:\w+\s+)?[<>≤≥]?\s*\d[\d.,]*"
        found = re.search(named, before, re.IGNORECASE)
    else:
        found = re.search(rf"{link}[<>≤≥]?\s*\d[\d.,]*(?:\s?(?:years|%))?", before, re.IGNORECASE)
    return found.span() if found else None


def _opening(text: str, phrase: Phrase) -> int | None:
    """Where the preposition of a phrase begins; None when it has none, or it compares."""
    found = re.search(
        r"(?i)\b([a-z]+)\s+(?:(?:the|a|an|patients?|people|adults)\s+(?:with\s+)?)*$", text[: phrase.start]
    )
    if (
        found is None
        or found[1].lower() not in PLACING
        or re.search(r"(?i)compared\s+$", text[: found.start()])
    ):
        return None
    return found.start()


def _twin(thing: str, before: str) -> Phrase | None:
    """What ends in the same word, before: "type 2 diabetes" for "type 1 diabetes"."""
    new, old = words(thing), words(before)
    for end in range(len(old), len(new) - 1, -1):
        same = old[end - len(new) : end]
        if len(new) > 1 and same[-1].low == new[-1].low and not any(w.low in FUNCTION for w in same):
            return Phrase(same[0].start, same[-1].end, before[same[0].start : same[-1].end])
    return None


def _outcome(thing: str, before: str) -> Phrase | None:
    """What is prevented, caused or changed, before, where `thing` is such an outcome."""
    if not any(w.low in OUTCOMES for w in words(thing)):
        return None
    things = [p for p in phrases(before) if not p.before and not p.drug and not p.population]
    return next((p for p in things if any(w.low in OUTCOMES for w in words(p.text))), None)


def _lowered(text: str) -> str:
    """Without the capital of a sentence's first word, where that is no name."""
    first = words(text)[:1]
    known = PEOPLE | COMORBID | ASPECTS | PREPOSITIONS | FUNCTION
    if first and first[0].text[1:].islower() and (first[0].low in known or is_drug(first[0].text)):
        return text[:1].lower() + text[1:]
    return text


def _swap(before: str, old: Phrase, new: str) -> Made:
    return before[: old.start] + new + before[old.end :], f"{before[: old.start]}…{before[old.end :]}"


def _aspect(rest: str, before: str) -> Made:
    """ "The dose?", "side effects in children?": asked of the topic."""
    about = topic(before, without_people=any(w.low in PEOPLE | COMORBID for w in words(rest)))
    thing = re.sub(r"^(?:the|a|an)\s+", "", rest, flags=re.IGNORECASE)
    nouns = [w for w in words(thing) if w.low in ASPECTS]
    place = next((w.start for w in words(thing) if w.low in PLACING), len(thing))
    last = [w for w in nouns if w.start < place][-1:] or nouns[-1:]
    many = last[0].low.endswith("s") and last[0].low not in ("prognosis", "diagnosis")
    opening = (
        "are there" if re.match(r"any\b", thing, re.IGNORECASE) else f"what {'are' if many else 'is'} the"
    )
    return bound(f"{opening} {thing}", about), about


def bound(text: str, topic: str) -> str:
    """`text` with "of TOPIC" behind its last aspect, before any place."""
    nouns = [w for w in words(text) if w.low in ASPECTS]
    first = next(
        (w for w in words(text)[1:] if w.low in PLACING and w.start > (nouns[0].end if nouns else 0)), None
    )
    end = first.start if first else len(text)
    before = [w for w in words(text) if w.end <= end]
    if nouns and before and before[-1].low in ASPECTS:
        link = _BOUND_BY.get(before[-1].low, "of")
        return f"{text[: before[-1].end]} {link} {topic}{text[before[-1].end :]}"
    return f"{text} for {topic}"


def topic(before: str, *, without_people: bool = False) -> str:
    """What the question is about and in which condition: "apixaban in atrial fibrillation"."""
    thing = head(before)
    if thing is None:
        return before
    parts = [thing.text]
    opened = -1
    for phrase in phrases(before):
        opening = _opening(before, phrase)
        if (
            phrase.start <= thing.start
            or opening is None
            or phrase.before not in ("in", "for", "during", "after", "with")
        ):
            continue
        if phrase.drug or (phrase.population and without_people):
            continue
        if opening == opened:  # "in adults with sepsis" ends in two phrases
            parts.pop()
        parts.append(before[opening : phrase.end])
        opened = opening
    return " ".join(parts)


def _all(text: str, known: frozenset[str]) -> bool:
    return all(w.low in known for w in words(text))
