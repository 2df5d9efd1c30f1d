"""What sort of answer a question asks for, by its words, and whether a sentence has that form."""

import re
from collections.abc import Sequence
from typing import Literal

Kind = Literal["yes/no", "quantity", "time", "list", "comparison", "definition", "factoid", "summary"]

_ASKS = re.compile(
    r"(?:is|are|was|were|am|does|do|did|can|could|should|shall|may|might|must|will|would|has|have|had)\b"
)
_OPENS = re.compile(r"\b(?:what|which|who|whom|whose|when|where|why|how|list|name|describe|explain|define)\b")
_COMPARISON = re.compile(
    r"\b(?:versus|vs)\b|\bhow do(?:es)? .*\bcompare\b|\bdiffer(?:s|ences?)?\b.*\b(?:between|from|and)\b"
    r"|\b(?:distinguish|tell|differentiate)\b.*\b(?:from|and)\b|\b(?:better|safer|superior|preferred) (?:or"
    r"|than|over|to)\b"
)
_EITHER = re.compile(
    r"\b(?:better|safer|superior|preferred|more|less)\b.*\bor\b|\bor\b.*\b(?:better|safer|superior"
    r"|preferred|more|less)\b"
)
_PLURAL = r"(?:\w{2,}(?:[^siu\W]s|[iu]es)|genes|bacteria|criteria|\w+ae)"
_VERB = (
    r"(?:are|were|have|can|could|should|may|do|did|in|of|for|from|that|to|with|on|cause|push|lower|raise"
    r"|used)\b"
)
_LIST = re.compile(
    r"(?:please )?(?:list|name|enumerate)\b"
    r"|(?:what|which) are (?:the )?(?!\b(?:chances|odds"
    r"|levels)\b)(?:[\w-]+ ){0,3}?\w+s\b"
    rf"|(?:\w+ )?(?:what|which) (?:(?:\d+|two|three|four|five)\b|(?:[\w-]+ ){{0,3}}?{_PLURAL} {_VERB}"
    rf"|drugs\b)"
    r"|(?:.* )?(?:criteria|pillars|steps|indications|contraindications|side effects|adverse (?:effects"
    r"|events)|symptoms"
    r"|signs|features|complications|risk factors|drugs)\b"
)
_TIME = re.compile(
    r"^when\b|[,:] when\b|\b(?:what|which) (?:year|time|day|age)\b|\b(?:timing|duration|schedule|interval"
    r"|half-life)\b"
    r"|\bhow (?:long|often|soon|quickly|late|early|frequently|many (?:days|weeks|months|years|hours"
    r"|minutes))\b"
    r"|\b(?:check|monitoring|dosing) frequency\b"
)
_QUANTITY = re.compile(
    r"\bhow (?:much|many|large|big|high|low|old|strong|common|prevalent|frequent)\b|\b(?:at|below"
    r"|above) (?:what|which)\b"
    r"|\b(?:dos(?:e|es|age|ing)|percent(?:age)?|prevalence|incidence|proportion|rate|ratio|thresholds?"
    r"|cut-?offs?"
    r"|levels?|concentration|volume|number of|sensitivity|specificity|mortality|target .*\brange|range"
    r"|goal)\b"
)
_DEFINITION = re.compile(
    r"(?:please )?(?:briefly )?(?:describe|define) (?:[^\s?]+\s?){1,3}$|who (?:is|was)\b"
    r"|what do(?:es)? .* (?:mean|stand for)\b"
    r"|what(?: is|'s| are) (?!.* (?:of|for|in|between)\b)(?:[^\s?]+\s?){1,5}\??$|what(?: is"
    r"| are) .*\b(?:definition|meaning) of\b"
)
_SUMMARY = re.compile(
    r"(?:how|why|explain|describe|summari[sz]e)\b|.*\b(?:role|mechanism|function|effects?|impact)s? of\b"
)

_UNIT = re.compile(
    r"\d\s*(?:%|percent\b|per cent\b|(?:k|m|µ|μ|u|mc|n|p)?g\b|m?l\b|mm|cm\b|kb\b|bp\b|kda\b|units?\b|iu\b"
    r"|mmol|mol|mg|mcg"
    r"|/\s?\d|-fold\b|times\b|per\b|cases\b|patients\b|genes\b)"
)
_NUMBER = re.compile(
    r"(?<![\w.])\d[\d.,]*|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|half)\b"
)
_WHEN = re.compile(
    r"\b(?:second|minute|hour|day|week|month|year|decade|trimester)s?\b|\b(?:19|20)\d\d\b|\b(?:before|after"
    r"|within|until"
    r"|daily|weekly|monthly|annually|once|twice)\b"
)
_ITEMS = re.compile(r",|;|\band\b|\bor\b")
_LISTS = re.compile(r"\b(?:includ(?:e|es|ing)|such as|namely|consists? of|comprise[sd]?|as follows)\b|:\s")
_IS_A = re.compile(
    r"^(?:\w+: )?(?:the |an? )?(?P<term>[^,;:]{2,80}?)(?:,[^,]{2,60},)?\s(?:is|are|was|were)\s(?:an?|the"
    r"|one|defined|known"
    r"|characteri[sz]ed|caused)\b|\b(?:refers? to|stands for|is defined as|is a (?:rare|novel|new|chronic)"
    r"|also known as)\b"
)
_CONTRASTS = re.compile(
    r"\b(?:than|versus|vs|compared|whereas|while|unlike|in contrast|differ\w*|both|more|less)\b"
)
_COMMITS = re.compile(
    r"\b(?:not?|never|neither|nor|cannot|should|must|contraindicated|recommended|effective|ineffective|safe"
    r"|unsafe|fail\w*"
    r"|conclu\w+|demonstrat\w+|confirm\w*|show(?:s|n|ed)|significant\w*|is|are|can|does|has been)\b"
)


def kind(question: str) -> Kind:
    """The first rule that fits, from the most telling form to the least. A question without an opening word
    ("gentamicin in myasthenia gravis?") asks for yes or no, or for the quantity it names."""
    asked = " ".join(question.lower().split())
    asked = re.sub(r"^(?:in|for|among|during|after|before|with|if) [^,?]{3,80}, ", "", asked)
    opens = _OPENS.search(asked)
    if _ASKS.match(asked):
        return "comparison" if _EITHER.search(asked) else "yes/no"
    if _COMPARISON.search(asked):
        return "comparison"
    if _TIME.search(asked):
        return "time"
    if _LIST.match(asked):
        return "list"
    if _QUANTITY.search(asked):
        return "quantity"
    if _DEFINITION.match(asked):
        return "definition"
    if opens is None:
        return "yes/no" if asked.endswith("?") else "summary"
    return "summary" if _SUMMARY.match(asked) else "factoid"


def form(kind: Kind, question: Sequence[str], sentence: str) -> float:
    """0 to 1: how far a sentence has the form of an answer of that kind, whatever it speaks of.

    `question`: the question's words in lower case; a definition's subject must be one of them.
    """
    text = sentence.lower()
    match kind:
        case "quantity":
            return 1.0 if _UNIT.search(text) else 0.5 * bool(_NUMBER.search(text))
        case "time":
            return 0.5 * bool(_WHEN.search(text)) + 0.5 * bool(_NUMBER.search(text))
        case "list":
            return min(len(_ITEMS.findall(text)), 4) / 8 + 0.5 * bool(_LISTS.search(text))
        case "definition":
            found = _IS_A.search(text)
            term = (found.group("term") or "") if found else ""
            return 0.0 if found is None else 1.0 if any(w in term for w in question) else 0.5
        case "comparison":
            return 1.0 * bool(_CONTRASTS.search(text))
        case "yes/no":
            return 1.0 * bool(_COMMITS.search(text))
        case _:
            return 0.0
