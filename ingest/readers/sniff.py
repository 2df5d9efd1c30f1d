"""Which format the first bytes of a file are."""

import re

from ingest.readers.files import decode, is_text

ROOTS = {
    "PubmedArticleSet": "pubmed",
    "PubmedBookArticleSet": "pubmed",
    "PubmedArticle": "pubmed",
    "PubmedBookArticle": "pubmed",
    "MedlineCitationSet": "pubmed",
    "article": "jats",
    "pmc-articleset": "jats",
}
# what may stand before the root element; possessive, so that a match takes linear time
PROLOGUE = re.compile(
    r"\s++|<\?.*?\?>|<!--.*?-->"
    r"|<!DOCTYPE[^\[>]*+(?:\[(?:(?><!--.*?-->)|\"[^\"]*+\"|'[^']*+'|[^\]\"'<]|<(?!!--))*+\]\s*+)?>",
    re.DOTALL,
)
ROOT = re.compile(r"<(?:[\w.-]+:)?([\w.-]+)[\s/>]")
OTHER_MARKUP = re.compile(r"\s*<(?:\?xml\s|!DOCTYPE\s|html[\s>])", re.IGNORECASE)
KEY = {name: re.compile(rf'"{name}"\s*:') for name in ("_id", "text", "title")}
JUDGEMENTS = re.compile(r"query-id\tcorpus-id\tscore\s")  # BEIR's qrels are no source
MARKDOWN = re.compile(
    r"\A---[ \t]*\n[\w-]+:"  # front matter
    r"|(?:\A|\n[ \t]*\n)#{1,6}[ \t]+\S"  # heading
    r"|(?:\A|\n)[^\n]{1,1000}\n(?:={3,}|-{3,})[ \t]*\n[ \t]*\n"  # underlined heading
    r"|(?:\A|\n)(?:```|~~~)"  # fence
    r"|\]\(https?://"  # link
    r"|\n\|?[ \t]*:?-{3,}:?[ \t]*\|[-:| \t]*\n"  # table
)


def format_of(head: bytes) -> str | None:
    """The format that a file beginning with `head` has; None for empty, binary or unknown content."""
    if b"%PDF-" in head[:1024]:
        return "pdf"
    if not head or not is_text(head):
        return None
    text = decode(head).text.removeprefix("\ufeff")
    root = _root(text)
    if root in ROOTS:
        return ROOTS[root]
    if OTHER_MARKUP.match(text) or JUDGEMENTS.match(text):
        return None
    written = [line for line in text.split("\n") if line.strip()]
    records = sum(line.lstrip().startswith("{") for line in written)
    if 2 * records >= len(written) and any(map(_is_beir, written)):  # not for one quoted in an article
        return "beir"
    return "markdown" if MARKDOWN.search(text.replace("\r\n", "\n")) else "text"


def _root(text: str) -> str:
    at = 0
    while found := PROLOGUE.match(text, at):
        at = found.end()
    root = ROOT.match(text, at)
    return root[1] if root else ""


def _is_beir(line: str) -> bool:
    start = line.lstrip()
    return start.startswith("{") and bool(
        KEY["_id"].search(start) and (KEY["text"].search(start) or KEY["title"].search(start))
    )
