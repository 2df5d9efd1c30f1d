"""What a reader takes away: the same answer as Markdown, PDF and RIS."""

import base64
import io
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pypdf import PdfReader

from assistant.types import Answer, Evidence, Metadata, Notice, Origin
from tests import scripted
from ui import export
from ui.downloads import handed
from ui.export import bar, escaped, file_name, inverted, markdown, record, ris
from ui.packed import packed

ORIGIN = Origin(path="/home/somebody/notes.xml", format="pubmed")
SIGNS = "≥ 2 µg/mL, β-blocker, α₁, ± 5 °C, ≤ ½, → ↑, Ω Δ, Łódź"


def about(item: Evidence, **known: object) -> Evidence:
    meta = replace(item.hit.metadata, **known)  # type: ignore[arg-type]
    return replace(item, hit=replace(item.hit, metadata=meta))


def rendered(text: str) -> str:
    return MarkdownIt("gfm-like", {"linkify": False, "html": True}).render(text)


def test_markdown_has_answer_sources_and_how_it_was_made() -> None:
    said = replace(scripted.answered("How now?"), asked="And now?", narrowed="from 2015")
    text = markdown(said)
    assert text.startswith(
        "# And now?\n\n- Understood as: How now?\n- Narrowed by the reader: from 2015\n\n"
        "In carriers of CYP2C9\\*3 the starting dose"
    )
    assert "until two results agree. [1] [2]\n" in text
    assert "[1] Warfarin and reduced-function variants of CYP2C9." in text
    assert "[PubMed](<https://pubmed.ncbi.nlm.nih.gov/12345678/>)" in text
    assert "\n[3] RETRACTED: Annals 2012; 3: 9. No need for" in text
    assert "Synthetic teaching text" in text
    assert "- 2 of 2 sentences are supported" in text
    assert "- Ranked by bundled.\n" in text
    assert text.endswith("- Nothing left the machine.\n- " + export.NOTICE + "\n")


def test_a_verdict_stands_in_words() -> None:
    said = scripted.answered("Q?")
    flagged = replace(said.sentences[0], verdict="contradicted", reasons=("another dose",))
    text = markdown(replace(said, sentences=(flagged, replace(said.sentences[1], verdict="unchecked"))))
    assert "third. [1] (contradicted by its source: another dose) The INR" in text
    assert "agree. [1] [2] (not checked against its source)" in text
    assert "- 0 of 2 sentences are supported" in text


def test_no_answer_says_so() -> None:
    text = markdown(scripted.abstained("Q?"))
    assert "No answer: the library does not answer this question." in text
    assert "## What was found nearest" in text


def test_markup_in_a_source_stays_text_in_markdown() -> None:
    html = rendered(markdown(scripted.hostile("hostile **question** <b>")))
    for tag in ("<script", "<img", "<iframe", "<a ", "<em", "<strong", "<code", "<table", "<b>"):
        assert tag not in html
    assert html.count("<h1") == 1
    assert "![track](http://evil.example/pixel.png)" in html


@settings(max_examples=150, deadline=None)
@given(st.text(st.sampled_from("ab1 .)-+=#*_`~<>[]()!|\\&:;/\"'\t\n"), max_size=40))
def test_escaped_text_is_one_kind_of_text(text: str) -> None:
    """Whatever it was, CommonMark makes paragraphs of it, with the same characters."""
    words = export.clean(text)
    tokens = MarkdownIt("commonmark").parse(escaped(words))
    assert {t.type for t in tokens} <= {"paragraph_open", "inline", "paragraph_close"}
    inline = [child for t in tokens for child in t.children or ()]
    assert {child.type for child in inline} <= {"text", "softbreak", "hardbreak", "text_special"}
    shown = "".join(child.content for child in inline)
    assert "".join(shown.split()) == "".join(words.split())


def test_ris_has_what_was_cited_each_source_once() -> None:
    said = scripted.answered("Q?")
    twice = replace(said.evidence[0], n=4)
    sentences = (replace(said.sentences[0], citations=(1, 4)), said.sentences[1])
    text = ris(replace(said, evidence=(*said.evidence, twice), sentences=sentences))
    assert text == (
        "TY  - JOUR\r\nTI  - Warfarin and reduced-function variants of CYP2C9\r\n"
        "JO  - Journal of Invented Pharmacology\r\nPY  - 2021\r\n"
        "DO  - 10.1000/abc(12)34\r\nAN  - 12345678\r\n"
        "DB  - PubMed\r\nUR  - https://pubmed.ncbi.nlm.nih.gov/12345678/\r\n"
        "UR  - https://doi.org/10.1000/abc(12)34\r\nER  - \r\n"
        "TY  - GEN\r\nTI  - Monitoring the INR after a change of dose\r\nPY  - 2019\r\n"
        f"N1  - {export.SYNTHETIC}\r\nER  - \r\n"
    )


def test_ris_without_citations_has_all_and_without_sources_none() -> None:
    assert ris(scripted.abstained("Q?")).count("TY  - ") == 2
    assert ris(replace(scripted.abstained("Q?"), evidence=())) == ""


def test_ris_has_only_what_is_known() -> None:
    assert list(record(Metadata(title="A note", origin=ORIGIN))) == [
        ("TY", "GEN"),
        ("TI", "A note"),
        ("ER", ""),
    ]
    notice = Notice(kind="concern", reference="Annals 2020; 1: 2")
    known = list(record(Metadata(title="T", origin=ORIGIN, retracted=True, notices=(notice,))))
    assert [value for tag, value in known if tag == "N1"] == [
        "RETRACTED",
        "EXPRESSION OF CONCERN: Annals 2020; 1: 2",
    ]


def test_a_value_with_line_breaks_makes_no_field_of_its_own() -> None:
    said = scripted.abstained("Q?")
    item = about(
        said.evidence[0], title="A title\r\nER  - \nTY  - BOOK", journal="J\u2028X", url="javascript:1"
    )
    lines = ris(replace(said, evidence=(item,))).split("\r\n")
    assert [line[:6] for line in lines if line].count("TY  - ") == 1
    assert "TI  - A title ER - TY - BOOK" in lines
    assert all(line.splitlines() == [line] for line in lines if line)


@pytest.mark.parametrize(
    ("author", "made"),
    [
        ("Smith JA", "Smith, J. A."),
        ("van der Berg Ö", "van der Berg, Ö."),
        ("Smith J Jr", "Smith, J., Jr"),
        ("Smith JB III", "Smith, J. B., III"),
        ("Smith, Jane", "Smith, Jane"),
        ("Warfarin Study Group", "Warfarin Study Group"),
        ("Consortium", "Consortium"),
    ],
)
def test_authors_as_reference_managers_read_them(author: str, made: str) -> None:
    assert inverted(author) == made


def test_file_names_are_plain() -> None:
    assert file_name(scripted.answered("Dose of β-blockers, 5 µg?"), "md") == "dose-of-blockers-5-g.md"
    assert file_name(scripted.answered("../../etc/passwd\n"), "pdf") == "etc-passwd.pdf"
    assert file_name(scripted.answered("病"), "ris") == "answer.ris"
    assert len(file_name(scripted.answered("word " * 99), "md")) <= 63


def test_pdf_has_the_words_the_signs_and_the_links() -> None:
    from ui.pdf import pdf

    said = replace(scripted.answered("How much?"), note=f"Signs: {SIGNS} {{nb}}")
    reader = PdfReader(io.BytesIO(pdf(said)))
    text = "\n".join(page.extract_text() for page in reader.pages)
    words = " ".join(text.split())
    assert f"{SIGNS} {{nb}}" in words
    assert scripted.SECOND + " [1] [2]" in words
    assert "RETRACTED: Annals 2012; 3: 9." in words
    assert "□" not in words
    assert reader.metadata is not None
    assert reader.metadata.title == "How much?"
    links = [a.get_object()["/A"]["/URI"] for page in reader.pages for a in page.get("/Annots", ())]
    assert set(links) == {
        "https://pubmed.ncbi.nlm.nih.gov/12345678/",
        "https://doi.org/10.1000/abc(12)34",
        "https://journal.example.org/article/7",
    }


def test_pdf_counts_what_it_cannot_show_and_breaks_what_is_long() -> None:
    from ui.pdf import pdf

    said = scripted.hostile("病 x")
    reader = PdfReader(io.BytesIO(pdf(said)))
    words = " ".join(" ".join(page.extract_text().split()) for page in reader.pages)
    assert "1 character of this text cannot be shown here; the Markdown has them." in words
    assert "<script>document.title" in words
    assert len(reader.pages) >= 2


@pytest.mark.parametrize("make", [scripted.blocked, lambda q: replace(scripted.abstained(q), ranked_by="")])
def test_what_was_not_searched_is_not_offered(make: object) -> None:
    assert bar("t1", make("Q?")) == ""  # type: ignore[operator]


def test_buttons_offer_ris_where_there_are_sources() -> None:
    shown = bar("t1", scripted.answered("Q?"))
    assert shown.count("<button") == 3
    assert "\n" not in shown
    assert "as-ris" not in bar("t1", replace(scripted.abstained("Q?"), evidence=()))


def sent(answer: Answer, kind: str) -> str:
    return handed(json.dumps({"as": kind, "answer": packed(answer), "mark": "7-1"}))


def test_what_a_page_hands_over_comes_back_as_a_file() -> None:
    said = scripted.answered("How much?")
    shown = sent(said, "md")
    assert '<span class="mark">7-1</span>' in shown
    assert '<span class="name">how-much.md</span>' in shown
    body = shown.partition('<span class="body">')[2].partition("<")[0]
    assert base64.b64decode(body).decode() == markdown(said)
    assert '<span class="name">how-much.ris</span>' in sent(said, "ris")


@pytest.mark.parametrize(
    "message",
    ["", "7", '{"as": "md"}', '{"as": "md", "answer": "x", "mark": "<b>"}', '{"as": 1, "answer": 2}'],
)
def test_what_is_no_answer_fails_in_one_line(message: str) -> None:
    shown = handed(message)
    assert '<span class="failed">' in shown
    assert "<b>" not in shown
    assert '<span class="body">' not in shown


def test_an_unknown_kind_of_file_is_refused() -> None:
    assert "saved as Markdown, PDF or RIS" in sent(scripted.answered("Q?"), "exe")
