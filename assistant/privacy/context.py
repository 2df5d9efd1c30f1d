"""What stands around a date or a place: a person's story, or a publication's."""

import re

_STUDY = re.compile(
    r"(?i)\b(?:trials?|stud(?:y|ies)|cohort|review(?:s|ed)?|meta-?analys[ei]s|search(?:ed|es)?"
    r"|database|registr(?:y|ies)|pubmed|medline|embase"
    r"|cochrane|literature|publish\w*|publication|guidelines?|recommendations?|approv\w+|fda|ema"
    r"|authori[sz]\w+|licen[sc]ed by|updated?|issued?"
    r"|version|patients|participants|subjects|women|men|adults|children|people|individuals|infants"
    r"|cases|enrol\w*|recruit\w*|conducted"
    r"|retrospective\w*|prospective\w*|consecutive|as of|epidemic|pandemic|marketed|launched"
    r"|recall\w*|label|press|journal"
    r"|vol|issue|pp|received|accepted|available|data|results|hospitals|institutions|incidence"
    r"|prevalence|survey\w*|inc|ltd|gmbh)\b"
)
_PERSON = re.compile(
    r"(?i)\b(?:my|i|me|he|she|him|his|her|hers|mr|mrs|ms|this patient|the patient|our patient|pt"
    r"|a patient|patient from|patient in|patient at|wife|husband|son|daughter|mother|father"
    r"|dob|born|year[\s-]old|y/?o|yo|baby|admitted|discharged|transferred|gentleman|lady|lives?"
    r"|resident|resides)\b"
)
_AROUND = 100  # characters each side


def of_a_study(text: str, start: int, end: int) -> bool:
    """Words of a study or of a publication are near, and none of one person."""
    near = _near(text, start, end)
    return bool(_STUDY.search(near)) and not _PERSON.search(near)


def of_a_person(text: str, start: int, end: int) -> bool:
    return bool(_PERSON.search(_near(text, start, end)))


def _near(text: str, start: int, end: int) -> str:
    return f"{text[max(0, start - _AROUND) : start]} | {text[end : end + _AROUND]}"
