"""JATS articles written here; expectations read off by hand."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.errors import FormatError, InputError
from assistant.types import Document, Skipped
from ingest.readers.citations import MARK, NAME, without_marks
from ingest.readers.jats import read

HEAD = '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS v1.0//EN" "JATS-archivearticle1.dtd">'
NAMES = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:mml="http://www.w3.org/1998/Math/MathML"'
IDS = '<article-id pub-id-type="pmc">12</article-id>'


def article(body: str = "", meta: str = IDS, rest: str = "", attributes: str = "", abstract: str = "") -> str:
    return (
        f"<article {NAMES} {attributes}><front><journal-meta><journal-title-group><journal-title>J Test"
        f"</journal-title></journal-title-group></journal-meta><article-meta>{meta}<title-group><article-title>"
        f"On <italic>CYP2C9</italic>*2</article-title></title-group>{abstract}</article-meta></front>"
        f"<body>{body}</body>{rest}</article>"
    )


def parsed(tmp_path: Path, text: str) -> Document:
    file = tmp_path / "a.nxml"
    file.write_text(HEAD + text, "utf-8")
    (document,) = read(file)
    assert isinstance(document, Document)
    return document


def body(tmp_path: Path, xml: str) -> list[tuple[str, str]]:
    return [(s.heading, s.text) for s in parsed(tmp_path, article(xml)).sections]


def paragraph(tmp_path: Path, xml: str) -> str:
    ((_, text),) = body(tmp_path, f"<p>{xml}</p>")
    return text


def cite(text: str) -> str:
    return f'<xref ref-type="bibr" rid="r">{text}</xref>'


def test_metadata(tmp_path: Path) -> None:
    meta = """
      <article-id pub-id-type="pmid">111</article-id><article-id pub-id-type="pmc">PMC222</article-id>
      <article-id pub-id-type="doi">10.1000/x.1</article-id>
      <contrib-group>
        <contrib contrib-type="author"><name><surname>Ågren</surname>
          <given-names>Maria-Elena K.</given-names></name></contrib>
        <contrib contrib-type="editor"><name><surname>No</surname></name></contrib>
        <contrib contrib-type="author"><collab>The Trial Group</collab></contrib>
      </contrib-group>
      <pub-date pub-type="epub"><year>2010</year></pub-date>
      <pub-date pub-type="ppub"><year>2011</year></pub-date>
      <pub-date pub-type="pmc-release"><year>2012</year></pub-date>
      <related-article related-article-type="retraction-forward"
        ext-link-type="doi" xlink:href="10.1000/x.2"/>
    """
    document = parsed(
        tmp_path, article("<p>Text.</p>", meta, attributes='article-type="research-article" xml:lang="en"')
    )
    m = document.metadata
    assert document.id == "pmc:PMC222"
    assert (m.title, m.pmid, m.pmcid, m.doi) == ("On CYP2C9*2", "111", "PMC222", "10.1000/x.1")
    assert (m.journal, m.year, m.authors) == ("J Test", 2011, ("Ågren MEK", "The Trial Group"))
    assert (m.language, m.publication_types) == ("eng", ())
    assert m.url == "https://pmc.ncbi.nlm.nih.gov/articles/PMC222/"
    assert m.retracted
    assert [(n.kind, n.doi) for n in m.notices] == [("retracted", "10.1000/x.2")]
    assert m.origin.place == "record 1"


@pytest.mark.parametrize(
    ("attributes", "types", "retracted"),
    [
        ('article-type="research-article"', (), False),
        ('article-type="systematic-review"', ("Systematic Review",), False),
        ('article-type="case-report"', ("Case Reports",), False),
        ('article-type="retraction"', ("Retraction of Publication",), False),
        ('article-type="retracted-article"', (), True),
    ],
)
def test_article_types(tmp_path: Path, attributes: str, types: tuple[str, ...], retracted: bool) -> None:
    m = parsed(tmp_path, article("<p>Text.</p>", attributes=attributes)).metadata
    assert (m.publication_types, m.retracted) == (types, retracted)


@pytest.mark.parametrize(
    ("meta", "name", "url"),
    [
        (IDS, "pmc:PMC12", "https://pmc.ncbi.nlm.nih.gov/articles/PMC12/"),
        (
            '<article-id pub-id-type="doi">10.1000/a</article-id>',
            "doi:10.1000/a",
            "https://doi.org/10.1000/a",
        ),
        ('<article-id pub-id-type="pmid">7</article-id>', "pubmed:7", "https://pubmed.ncbi.nlm.nih.gov/7/"),
    ],
)
def test_ids(tmp_path: Path, meta: str, name: str, url: str) -> None:
    document = parsed(tmp_path, article("<p>Text.</p>", meta))
    assert (document.id, document.metadata.url) == (name, url)


def test_abstracts_and_nested_sections(tmp_path: Path) -> None:
    abstract = """<abstract><sec><title>Background</title><p>B.</p></sec>
      <sec><title>Findings</title><p>F.</p></sec>
      </abstract><abstract abstract-type="summary"><title>Author Summary</title><p>S.</p></abstract>"""
    text = """<p>Lead.</p><sec><title>Methods</title><p>M1.</p>
      <sec><title>Patients</title><p>P.</p></sec></sec>
      <sec><label>2</label><title>Results</title><p>R1.</p><p>R2.</p></sec>
      <boxed-text><caption><title>Key points</title></caption><p>K.</p></boxed-text>"""
    document = parsed(tmp_path, article(text, abstract=abstract))
    assert [(s.heading, s.text) for s in document.sections] == [
        ("Abstract > Background", "B."),
        ("Abstract > Findings", "F."),
        ("Author Summary", "S."),
        ("", "Lead."),
        ("Methods", "M1."),
        ("Methods > Patients", "P."),
        ("Results", "R1.\n\nR2."),
        ("Key points", "K."),
    ]


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        (f"seen [{cite('1')},{cite('2')}] before", "seen before"),
        (f"seen [{cite('1')}-{cite('3')}].", "seen."),
        (f"seen [{cite('1')}-3].", "seen."),
        (f"seen {cite('[1]')}, {cite('[2]')}, and 7 others", "seen, and 7 others"),
        (f"seen<sup>{cite('1')},{cite('2')}</sup> before", "seen before"),
        (f"seen<sup>{cite('1')}–4</sup> before", "seen before"),
        (f"seen{cite('<sup>1</sup>')}<sup>,</sup>{cite('<sup>2</sup>')}.", "seen."),
        (f"seen ({cite('Roe, 2001')}; {cite('Poe <italic>et al</italic>, 2002')}).", "seen."),
        (f"seen (reviewed in {cite('4')}) here", "seen here"),
        (f"seen (mean 5.2; {cite('4')}) here", "seen (mean 5.2) here"),
        (f"{cite('Roe et al. (2001)')} saw", "Roe et al. (2001) saw"),
        ("a CI [1.2, 3.4] and (n = 5)", "a CI [1.2, 3.4] and (n = 5)"),
        ("10<sup>9</sup>/L, Na<sup>+</sup>, HbA<sub>1c</sub>, β<sub>2</sub>", "10^9/L, Na+, HbA1c, β2"),
    ],
)
def test_citations_leave_no_trace(tmp_path: Path, xml: str, text: str) -> None:
    assert paragraph(tmp_path, xml) == text


def test_formula_once(tmp_path: Path) -> None:
    formula = r"""<inline-formula><alternatives><tex-math>\begin{document}$x^2$\end{document}</tex-math>
      <mml:math><mml:msup><mml:mi>x</mml:mi><mml:mn>2</mml:mn></mml:msup></mml:math></alternatives></inline-formula>"""
    assert paragraph(tmp_path, f"where {formula} holds") == "where x2 holds"


def test_lists_and_notes_within_a_paragraph(tmp_path: Path) -> None:
    xml = """<p>Give: <list list-type="order"><list-item><p>first</p></list-item><list-item>
      <p>second</p><list list-type="bullet"><list-item><p>inner</p></list-item></list></list-item>
      </list> and stop.
      <fn><label>a</label><p>Note.</p></fn></p>
      <def-list><def-item><term>AF</term><def><p>atrial fibrillation</p></def></def-item></def-list>"""
    assert body(tmp_path, xml) == [
        ("", "Give:\n\n1. first\n2. second\n  - inner\n\nand stop.\n\n[a] Note.\n\n- AF: atrial fibrillation")
    ]


TABLE = """<table-wrap><label>Table 1</label><caption><title>Outcomes</title><p>By arm.</p></caption><table>
  <thead><tr><th rowspan="2">Outcome</th><th colspan="2">Drug</th><th>Placebo</th></tr>
         <tr><th>n</th><th>%</th><th>n</th></tr></thead>
  <tbody><tr><td colspan="4"><bold>Bleeding</bold></td></tr>
         <tr><td rowspan="2">Major</td><td>5</td><td>0.1<sup>b</sup></td><td>7</td></tr>
         <tr><td>6</td><td/><td>&#160;</td></tr>
         <tr><td>Minor</td><td colspan="2">none<xref ref-type="table-fn" rid="f">a</xref></td>
             <td>10<sup>3</sup></td></tr>
  </tbody></table><table-wrap-foot><fn id="f"><label>a</label><p>Not counted.</p></fn>
  <p><sup>b</sup>Rounded.</p></table-wrap-foot></table-wrap>"""


def test_table(tmp_path: Path) -> None:
    ((_, intro), (heading, text)) = body(tmp_path, f"<sec><title>Results</title><p>See.</p>{TABLE}</sec>")
    assert intro == "See."
    assert heading == "Results > Table 1: Outcomes"
    assert text.split("\n\n") == [
        "Table 1. Outcomes",
        "By arm.",
        "Bleeding",
        "Outcome: Major; Drug, n: 5; Drug, %: 0.1[b]; Placebo, n: 7",
        "Outcome: Major; Drug, n: 6",
        "Outcome: Minor; Drug, n / Drug, %: none[a]; Placebo, n: 10^3",
        "[a] Not counted.",
        "[b] Rounded.",
    ]


def test_table_without_header_and_alternatives(tmp_path: Path) -> None:
    xml = """<table-wrap><label>Table 2.</label><alternatives><graphic xlink:href="t"/>
      <table><tr><td>a</td><td>1</td></tr>
      <tr><td>b</td><td>2</td></tr></table></alternatives></table-wrap>"""
    assert body(tmp_path, xml) == [("Table 2", "Table 2.\n\na; 1\n\nb; 2")]


def test_a_wild_span_is_bounded(tmp_path: Path) -> None:
    rows = '<tr><td colspan="99999999" rowspan="999999">x</td></tr><tr><td colspan="-1">y</td></tr>'
    xml = f"<table-wrap><table>{rows}</table></table-wrap>"
    assert body(tmp_path, xml) == [("", "x\n\ny")]


def test_figures_floats_and_supplements(tmp_path: Path) -> None:
    caption = "<label>Figure 1</label><caption><p>Survival.</p></caption>"
    figure = f"<fig><object-id>10.1/x</object-id>{caption}<graphic/></fig>"
    rest = (
        "<back><ack><p>Thanks.</p></ack><sec><title>Competing interests</title><p>None.</p></sec>"
        "<app-group><app><title>Appendix</title><p>Dose table.</p></app></app-group>"
        "<ref-list><ref><mixed-citation>Roe</mixed-citation></ref></ref-list></back>"
        "<floats-group><fig><label>Figure 2</label><caption><title>Flow.</title></caption>"
        "</fig></floats-group>"
    )
    document = parsed(tmp_path, article(f"<p>See {figure} here.</p>", rest=rest))
    assert [(s.heading, s.text) for s in document.sections] == [
        ("", "See\n\nhere."),
        ("Figure 1", "Figure 1. Survival."),
        ("Appendix", "Dose table."),
        ("Figure 2: Flow", "Figure 2. Flow."),
    ]


def test_set_of_articles_and_peer_review(tmp_path: Path) -> None:
    review = '<sub-article article-type="decision-letter"><body><p>Please revise.</p></body></sub-article>'
    letter = (
        '<sub-article article-type="abstract"><front-stub><title-group><article-title>Second</article-title>'
        "</title-group></front-stub><body><p>More.</p></body></sub-article>"
    )
    bare = "<article><front><article-meta/></front><body><p>No id.</p></body></article>"
    file = tmp_path / "set.xml"
    file.write_text(
        "<pmc-articleset>"
        + article("<p>One.</p>", rest=review + letter)
        + bare
        + article(meta=IDS.replace("12", "13"))
        + "</pmc-articleset>"
    )
    first, skipped, without_id, title_only = read(file)
    assert isinstance(first, Document)
    assert [(s.heading, s.text) for s in first.sections] == [("", "One."), ("Second", "More.")]
    assert isinstance(skipped, Skipped)
    assert "decision-letter" in skipped.reason
    assert isinstance(without_id, Skipped)
    assert without_id.place == "record 2"
    assert isinstance(title_only, Document)
    assert title_only.sections[0].text == "On CYP2C9*2"


def test_cut_in_the_middle(tmp_path: Path) -> None:
    file = tmp_path / "cut.xml"
    file.write_text("<pmc-articleset>" + article("<p>One.</p>") + article("<p>Two.</p>")[:-60])
    first, lost = read(file)
    assert isinstance(first, Document)
    assert isinstance(lost, Skipped)
    assert "after record 1" in lost.place
    file.write_text(article("<p>One.</p>")[:-30])
    with pytest.raises(FormatError):
        list(read(file))


@given(st.text(alphabet=f"[](),;- 12ab{MARK}{NAME}", max_size=60))
@settings(max_examples=150, deadline=None)
def test_no_mark_survives(text: str) -> None:
    found = without_marks(text)
    assert MARK not in found
    assert NAME not in found


TAGS = [
    "p", "sec", "title", "label", "list", "list-item", "table-wrap", "table", "tr", "td", "th", "thead",
    "fig", "table-wrap-foot",
    "caption", "fn", "sup", "xref", "boxed-text", "back", "sub-article", "disp-quote",
    "def-list", "def-item", "term",
]  # fmt: skip
XML = st.recursive(
    st.text(alphabet="ab 1β.[]", max_size=6),
    lambda inner: st.tuples(st.sampled_from(TAGS), st.lists(inner, max_size=3)).map(
        lambda pair: f'<{pair[0]} ref-type="bibr" colspan="2" rowspan="2">{"".join(pair[1])}</{pair[0]}>'
    ),
    max_leaves=15,
)


@given(XML, XML)
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_nesting_is_read(tmp_path: Path, inner: str, rest: str) -> None:
    file = tmp_path / "any.xml"
    file.write_text(article(inner, rest=rest), "utf-8")
    records = list(read(file))
    documents = [r for r in records if isinstance(r, Document)]
    assert len(documents) == 1
    assert all(s.text.strip() for s in documents[0].sections)


@given(st.binary(max_size=300))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_bytes(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "any.xml"
    file.write_bytes(b"<article>" + data)
    with contextlib.suppress(InputError):
        list(read(file))
