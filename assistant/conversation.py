"""A follow-up made to stand alone, by rules: the topic of the question before is carried over.

Precision first. A question that names a thing of its own and points at nothing outside is left as it is,
letter by letter, and starts a new topic. What is rewritten is shown before it is searched.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.fragments import Made, bound, fragment, topic
from assistant.topics import (
    ACTS,
    ASKING,
    ASPECTS,
    AUXILIARIES,
    FUNCTION,
    PEOPLE,
    PLACING,
    PREPOSITIONS,
    Phrase,
    head,
    is_drug,
    phrases,
    words,
)

LONGEST_FOLLOW_UP = 160  # characters; what is longer says what it is about
_BARE_WHY = re.compile(
    r"(?:and |but |so )?(?P<how>why not|why|how come|how so|how)(?: is (?:that|this|it)(?: so| the case)?"
    r"| does (?:that|this|it) (?:work|happen))?",
    re.IGNORECASE,
)
_BARE_ASK = re.compile(
    r"(?:and |but |so )?(?P<ask>(?:for |since |by |until )?"
    r"(?:how (?:often|long|much|soon|quickly|early|late|frequently)(?: before(?:hand)?| after(?:wards)?)?"
    r"|how many (?:days|weeks|months|years|times a day|doses)|when|where)"
    r"|(?:at|in|to|for|with|from|by) (?:what|which|whom)(?: (?:dose|doses|patients|interval|age|route))?)",
    re.IGNORECASE,
)
_KIND_NOUN = (
    r"(?P<drug>drugs?|medications?|medicines?|agents?|antibiotics?|vaccines?|tablets?|treatments?|therap(?:y|ies))"
    r"|(?P<ill>conditions?|diseases?|disorders?|syndromes?|infections?|illness(?:es)?|cancers?|tumou?rs?)"
    r"|(?P<who>patients?|people|children|women|men|adults|individuals|population)"
)
_NAMED = re.compile(
    rf"\b(?:this|that|these|those|the same|such an?|such)\s+(?:{_KIND_NOUN})\b", re.IGNORECASE
)
_THE = re.compile(
    r"\bthe (?:(?P<drug>drug|medication|medicine|antibiotic|vaccine)"
    r"|(?P<ill>condition|disease|disorder|illness))\b(?! of\b)",
    re.IGNORECASE,
)
_THAT_ASPECT = re.compile(
    r"\b(?:this|that|these|those) (?:interactions?|effects?|risks?|doses?|dosage|reactions?"
    r"|evidence|combination"
    r"|trials?|stud(?:y|ies)|tests?|results?|recommendations?|change|regimen|approach|strategy|thresholds?|complications?)\b",
    re.IGNORECASE,
)
_OWNED = re.compile(r"\b(?:its|their)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(?:it|they|them|this|these|those|that)\b(?!['’]s\b)", re.IGNORECASE)
_EMPTY_IT = re.compile(
    r"it\b\s+(?:(?:is|was|be|been)\s+)?(?:still\s+|ever\s+|also\s+)?(?:\w+\s+)?(?:\w{2,}\s+)"
    r"(?:to\s+(?P<verb>\w+)(?P<rest>.*)|that\b.+|whether\b.+|if\b.+|for\s+\w+(?:\s+\w+){0,12}\s+to\b.+)"
    r"|it\b\s+(?:take|takes|matter|matters|make sense|help to)\b",
    re.IGNORECASE,
)
_OF_ILLNESS = re.compile(
    r"\b(?:contagious|hereditary|inherited|diagnos\w+|curable|cured|transmitted|fatal|prognosis|symptoms?|signs|infectious"
    r"|prevented|pathophysiology|epidemiology|prevalence|incidence|relapse|recur\w*|treated|untreated)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Standalone:
    """`carried`: what was taken over from the question before; "" where nothing was."""

    question: str
    rewritten: bool = False
    carried: str = ""


def rewrite(question: str, history: Sequence[str]) -> Standalone:
    """`question` as it stands alone. `history`: the questions before it, oldest first, typed or rewritten."""
    before = ""
    for earlier in history:
        before = _one(earlier.strip(), before).question
    return _one(question, before)


def _one(question: str, before: str) -> Standalone:
    asked = question.strip().rstrip("?!. ").strip()
    if not asked or not words(before) or len(asked) > LONGEST_FOLLOW_UP:
        return Standalone(question)
    stem = before.strip().rstrip("?!. ")
    for rule in (_why, fragment, _pointing, _general):
        made = rule(asked, stem)
        if made:
            text = " ".join(made[0].split()).strip()
            return Standalone(text[:1].upper() + text[1:] + "?", rewritten=True, carried=made[1])
    return Standalone(question)


def _why(asked: str, before: str) -> Made:
    """ "Why?", "how often?": the whole question before is asked in another way."""
    low = before[:1].lower() + before[1:]
    first = words(before)[0].low
    if bare := _BARE_WHY.fullmatch(asked):
        how = bare["how"].lower()
        if first in AUXILIARIES and how != "why not":
            return f"{'how' if how.startswith('how') and how != 'how come' else 'why'} {low}", before
        return f"{how}: {low}", before
    if bare := _BARE_ASK.fullmatch(asked):
        inverted = re.match(
            r"(?:how|when|why|where)\s+(?=(?:is|are|do|does|can|should|must|will|was)\b)", low
        )
        if first in AUXILIARIES or inverted:
            ask = bare["ask"].removesuffix(" before") if " before " in low else bare["ask"]
            return f"{ask} {low[inverted.end() :] if inverted else low}", before
        return f"{bare['ask']}: {low}", before
    return None


def _pointing(asked: str, before: str) -> Made:
    """ "Is it safe with warfarin?": what points outside is replaced by what it points at."""
    asked = re.sub(r"^(?:and|but|so|also|then|or)\b[\s,]*", "", asked, flags=re.IGNORECASE)
    if (found := _THAT_ASPECT.search(asked)) and not _antecedent(asked[: found.start()]):
        return f"{asked} ({before[:1].lower()}{before[1:]})", before
    for pattern in (_NAMED, _THE):
        if (found := pattern.search(asked)) and not _antecedent(asked[: found.start()]):
            following = [w.low for w in words(asked[found.end() :])[:1]]
            if pattern is _THE and following and following[0] not in FUNCTION | ACTS | ASPECTS:
                continue  # "the drug X" names it
            groups = found.groupdict()
            if groups.get("who"):
                people = [p.text for p in phrases(before) if p.population or p.before == "with"]
                about = topic(before)
                return f"{asked} ({', '.join(people) or about})", about
            return _put(asked, found, head(before, condition=bool(groups.get("ill"))))
    if (found := _OWNED.search(asked)) and not _antecedent(asked[: found.start()]):
        return _put(asked, found, head(before, condition=bool(_OF_ILLNESS.search(asked))), owner=True)
    for found in _PRONOUN.finditer(asked):
        if not _antecedent(asked[: found.start()]) and _refers(asked, found):
            if found.group().lower() == "that":  # what was said, not what it was said of
                return f"{asked} ({before[:1].lower()}{before[1:]})", before
            thing = head(
                before, condition=bool(_OF_ILLNESS.search(asked)), single=found.group().lower() == "it"
            )
            return _put(asked, found, thing)
    return None


def _refers(asked: str, found: re.Match[str]) -> bool:
    """Whether a pronoun stands for a thing: not an empty "it", no article, no conjunction."""
    pronoun, rest = found.group().lower(), asked[found.end() :]
    following = [w.low for w in words(rest)[:1]]
    if pronoun == "it":
        empty = _EMPTY_IT.match(asked[found.start() :])
        if empty is None:
            return True
        return (
            bool(empty["verb"])
            and re.match(r"\s*(?:$|(?:in|with|during|for|at|after|before|by|orally|on)\b)", empty["rest"])
            is not None
        )
    if pronoun in ("they", "them"):
        return True
    previous = [w.low for w in words(asked[: found.start()])[-1:]]
    verb_like = not following or following[0] in FUNCTION | ACTS | {"first-line"}
    if pronoun == "that":
        return not following or (previous[:1] != [] and previous[0] in AUXILIARIES and verb_like)
    return verb_like


def _antecedent(text: str) -> bool:
    """Whether a thing is named that a later pronoun may stand for; an opening "in ...," does not count."""
    opening = re.match(r"\s*(?:in|for|with|during|if|when|after|at|given)\b[^,]*,", text, re.IGNORECASE)
    text = text[opening.end() :] if opening else text
    return any(not p.population for p in phrases(text))


def _put(asked: str, found: re.Match[str], thing: Phrase | None, *, owner: bool = False) -> Made:
    if thing is None:
        return None
    name = thing.text + ("'s" if owner and not thing.text.endswith("s") else "'" if owner else "")
    return asked[: found.start()] + name + asked[found.end() :], thing.text


def _general(asked: str, before: str) -> Made:
    """ "What is the dose in children?": a whole clause in which nothing names a thing."""
    asked = re.sub(r"^(?:and|but|so|also|then|or)\b[\s,]*", "", asked, flags=re.IGNORECASE)
    have = words(asked)
    if (
        not have
        or have[0].low not in AUXILIARIES | ASKING | PREPOSITIONS
        or not any(w.low in ASPECTS | ACTS for w in have)
    ):
        return None
    if any(not p.population for p in phrases(asked)) or is_drug(asked):
        return None
    who = re.match(r"(?:which|what) (\w+)", asked, re.IGNORECASE)
    if any(not _placed_people(p) for p in phrases(asked) if not (who and p.start == who.start(1))):
        return None
    about = topic(before, without_people=bool(phrases(asked)))
    return bound(asked, about), about


def _placed_people(phrase: Phrase) -> bool:
    """Whether a population is only where something is asked, and not what it is asked about."""
    if phrase.before in ("for", "of"):
        return all(w in PEOPLE | FUNCTION for w in phrase.words)
    return phrase.before in PLACING
