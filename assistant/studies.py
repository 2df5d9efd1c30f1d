"""The design of a study, from PubMed's PublicationType field by exact names, never from words in a text.

A badge and a filter; it never changes a rank. Most records carry no design at all (None): the field names
neither cohort nor case-control studies, only observational ones.
"""

from collections.abc import Sequence
from typing import Final

# design -> publication types; where a record has several, the first design in this order holds: a notice
# or a protocol reports no results whatever it is about, and a synthesis comes before its parts.
DESIGNS: Final[dict[str, frozenset[str]]] = {
    "notice": frozenset(
        {"Expression of Concern", "Published Erratum", "Retraction Notice", "Retraction of Publication"}
    ),
    "protocol": frozenset({"Clinical Trial Protocol"}),
    "veterinary study": frozenset(
        {
            "Clinical Trial, Veterinary",
            "Observational Study, Veterinary",
            "Randomized Controlled Trial, Veterinary",
        }
    ),
    "guideline": frozenset(
        {
            "Consensus Development Conference",
            "Consensus Development Conference, NIH",
            "Consensus Statement",
            "Guideline",
            "Practice Guideline",
        }
    ),
    "systematic review": frozenset({"Systematic Review"}),
    "meta-analysis": frozenset({"Meta-Analysis", "Network Meta-Analysis"}),
    "randomised trial": frozenset({"Equivalence Trial", "Randomized Controlled Trial"}),
    "clinical trial": frozenset(
        {
            "Adaptive Clinical Trial",
            "Clinical Trial",
            "Clinical Trial, Phase I",
            "Clinical Trial, Phase II",
            "Clinical Trial, Phase III",
            "Clinical Trial, Phase IV",
            "Controlled Clinical Trial",
            "Pragmatic Clinical Trial",
        }
    ),
    "observational study": frozenset({"Observational Study"}),
    "case report": frozenset({"Case Reports"}),
    "review": frozenset({"Review", "Scoping Review"}),
    "opinion": frozenset({"Comment", "Editorial", "Interview", "Letter", "News", "Personal Narrative"}),
}

LEVELS: Final[dict[str, int]] = {
    "systematic review": 1,
    "meta-analysis": 1,
    "randomised trial": 2,
    "clinical trial": 3,
    "observational study": 3,
    "case report": 4,
}


def study_design(publication_types: Sequence[str]) -> str | None:
    """One of DESIGNS' keys, or None where no publication type names a design."""
    given = frozenset(publication_types)
    return next((design for design, types in DESIGNS.items() if types & given), None)


def evidence_level(design: str | None) -> int | None:
    """The Oxford CEBM 2011 level for treatment questions, 1 (best) to 4; None where the table has no row.

    It is the highest level that the design allows: the field does not say whether a review was of
    randomised trials or an observational study a cohort, and it knows nothing of quality. Level 5
    (mechanism) follows from no publication type. Source: OCEBM Levels of Evidence Working Group, "The Oxford
    2011 Levels of Evidence".
    """
    return None if design is None else LEVELS.get(design)
