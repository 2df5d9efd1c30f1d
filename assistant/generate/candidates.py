"""The sentences of the evidence that may stand in an answer by themselves.

Left out are headings, questions, pieces that are cut off, markup, and text that is addressed to a machine: a
passage is evidence for what it reports, and an instruction reports nothing (C11).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.index.bm25 import tokenise
from assistant.text import sentences
from assistant.types import Evidence

WORDS = 4  # fewer are a heading or a remnant

_CUT_OFF = re.compile(r"[a-z]{2,}(?=[\s,;.)])|[,;:.)\]%]|(?:and|or|but)\b")
_WHOLE = re.compile(r".*[.!。][)\]\"'”’\d,\[]*", re.DOTALL)
_STOPPED_SHORT = re.compile(
    r"(?:[^\w)%]|\b(?:a|an|the|this|that|these|its|their|and|or|but|nor|of|in|on|at|by|to|for|from|with|as"
    r"|than|is|are|was|were"
    r"|be|been|has|have|which|who|not|no|via|vs|between|into|after|before|during|[a-z]))$"
)
_VERB = re.compile(
    r"\b(?:is|are|was|were|has|have|had|can|could|may|might|must|should|will|did|does|do|be|been"
    r"|\w{2,}(?:ed|ates?|izes?|ises?)"
    r"|shows?|leads?|causes?|reveals?|contains?|consists?|includes?|binds?|encodes?|plays?|remains?"
    r"|provides?|requires?"
    r"|increases?|decreases?|reduces?|inhibits?|found|occurs?|suggests?|supports?|improves?|affects?|acts?"
    r"|allows?|gives?)\b"
)
_ELLIPSIS = re.compile(r"\.\.\.|…|\[\.\.")
_MARKUP = re.compile(
    r"!\[|\]\s?\(|</?[a-z][\w-]*(?:\s+[\w-]+\s*=|\s*/?>)|<!--|&(?:lt|gt|#\w+);|javascript:|data:\w+/|```"
    r"|\{\{|<\|",
    re.IGNORECASE,
)
_LABEL = re.compile(r"(?<!\S)[\da-z]{1,3}$")  # of a list: "1)"
_INSTRUCTION = re.compile(
    r"""
    \b(?:ignore|disregard|forget|override|bypass|stop\ following)\b.{0,60}
        \b(?:previous|prior|above|earlier|preceding|instructions?|prompts?|rules|guidelines\ above
            |everything)\b
    | \b(?:system|developer|hidden|new|secret|original|initial)\ (?:prompt|message|instructions?)\b
    | ^\W*(?:system|assistant|user|developer|human|ai|instructions?|prompt|note\ to\ (?:the\ )?\w+)\s?:
    | \b(?:language\ models?|chat-?bots?|chatgpt|gpt-\d|llms?|ai\ (?:assistants?|models?|systems?|agents?)
        |(?:the|this|an?|dear)\ assistant)\b.{0,60}\b(?:must|should|shall|will|please|always|never|reading)\b
    | \b(?:you\ are|act\ as|pretend|roleplay|as)\ (?:now\ |to\ be\ )?(?:an?\ |the\ )?
        (?:ai|assistant|chat-?bot|language\ model|llm|unrestricted|jailbr\w*)\b
    | (?:^|\band\ |\bthen\ |,\ |\bplease\ |\bmust\ |\binstead\ |\balways\ )\W*
        (?:answer|respond|reply|output|print|say|repeat|reveal|cite|state|write|conclude)\b
        \s(?:only|exactly|that|with|to\ (?:the|every|any|all)|the\ (?:following|question|user|reader)|your
            |as|instead|["“'\[])
    | \b(?:your|the)\ (?:answer|reply|response|output)\ (?:must|should|shall|has\ to|will)\b
    | \bwhen(?:ever)?\ (?:you\ are\ |you're\ )?(?:asked|answering|summari[sz]ing|responding|prompted)\b
    | \b(?:tell|inform|convince)\ the\ (?:user|reader|clinician\ asking)\b
    | \bfollow\ (?:these|the\ following|my)\ instructions\b | \bdo\ anything\ now\b
    """,
    re.IGNORECASE | re.VERBOSE,
)
_LEANS = re.compile(
    r"(?:\w+: )?(?:(?:however|therefore|thus|moreover|furthermore|in addition|additionally|also|then"
    r"|instead|conversely"
    r"|in contrast|similarly|hence|nevertheless|as a result|consequently|finally|otherwise),? )?"
    r"(?:it(?! is (?:recommended|known|well|possible|important|estimated|thought|unclear|not known))|its"
    r"|they|their"
    r"|he|she|his|her|both|neither|the (?:latter|former|same|other|others)|(?:in|of|for|with|among|to|from"
    r"|at) (?:this|these|"
    r"such|those|both)|such|(?:this|these|those|that)(?! (?:study|trial|review|paper|report|article"
    r"|analysis|work|data"
    r"|results?|findings?|meta-analys\w+|case|guideline|note|chapter|observations?|investigation)))\b"
    r"|(?:however|therefore|thus|moreover|furthermore|in addition|otherwise|instead|conversely"
    r"|in contrast)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, to the letter, of evidence `n`. `before`: the index of the sentence right before it in the
    same paragraph. `leans`: it points back at what stands before it. `open`: it has no full stop, as in list
    items and in snippets, and may be less than the whole."""

    n: int
    text: str
    words: tuple[str, ...]
    before: int | None = None
    leans: bool = False
    open: bool = False


def candidates(evidence: Sequence[Evidence]) -> list[Candidate]:
    """In the order of the evidence and of the text. A sentence that is left out breaks the link to its
    predecessor."""
    found: list[Candidate] = []
    for item in evidence:
        last: tuple[int, int] | None = None  # where the last candidate ends, and its index
        text = item.hit.chunk.text
        for start, end in trusted(text):
            if not quotable(text[start:end]):
                continue
            follows = last is not None and not text[last[0] : start].strip(" ")
            found.append(
                Candidate(
                    n=item.n,
                    text=text[start:end],
                    words=tuple(tokenise(text[start:end])),
                    before=last[1] if last is not None and follows else None,
                    leans=bool(_LEANS.match(text[start:end])),
                    open=not _WHOLE.fullmatch(text[start:end]),
                )
            )
            last = end, len(found) - 1
    return found


def trusted(text: str) -> Iterator[tuple[int, int]]:
    """Spans of the sentences, without those addressed to a machine and what follows one in its paragraph."""
    until = -1
    for start, end in sentences(text):
        if start < until:
            continue
        if _INSTRUCTION.search(text[start:end]):
            stop = text.find("\n", end)
            until = len(text) if stop < 0 else stop
        else:
            yield start, end


def quotable(sentence: str) -> bool:
    """Whether it is a whole sentence of plain text that states something."""
    return (
        len(sentence.split()) >= WORDS
        and "\n" not in sentence
        and bool(_WHOLE.fullmatch(sentence) or _stopless(sentence))
        and not _CUT_OFF.match(sentence)
        and not _ELLIPSIS.search(sentence)
        and not _MARKUP.search(sentence)
        and _balanced(sentence)
    )


def _stopless(sentence: str) -> bool:
    """Whether it reads as a sentence without its full stop: it has a verb, and no word hangs in the air."""
    return bool(_VERB.search(sentence)) and not _STOPPED_SHORT.search(sentence)


def _balanced(sentence: str) -> bool:
    """A bracket without its other half is a sign of a cut; "1)" and one around several sentences are none."""
    depth = 0
    for at, character in enumerate(sentence):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            if at < len(sentence) - 1 and not _LABEL.search(sentence[:at]):
                return False
            depth = 0
    return depth == 0 and all(sentence.count(a) == sentence.count(b) for a, b in ("[]", "“”"))
