import gzip
import subprocess
import sys
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import FormatError
from assistant.types import Document, Notice, Record, Removed, Section, Skipped
from ingest.readers.pubmed import read

DOCTYPE = (
    '<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet PUBLIC "-//NLM//DTD PubMedArticle, January 2025//EN"'
    ' "https://dtd.nlm.nih.gov/ncbi/pubmed/out/pubmed_250101.dtd">\n'
)


def article(
    pmid: str = "<PMID Version='1'>101</PMID>",
    *,
    title: str = "<ArticleTitle>A title.</ArticleTitle>",
    abstract: str = "<Abstract><AbstractText>Text.</AbstractText></Abstract>",
    date: str = "<PubDate><Year>2018</Year><Month>05</Month></PubDate>",
    more: str = "",
    citation: str = "",
    data: str = "<ArticleIdList><ArticleId IdType='pubmed'>101</ArticleId></ArticleIdList>",
) -> str:
    return (
        f"<PubmedArticle><MedlineCitation Status='MEDLINE' Owner='NLM'>{pmid}"
        f"<Article PubModel='Print'><Journal><JournalIssue CitedMedium='Internet'>{date}</JournalIssue>"
        f"<Title>The journal of examples</Title><ISOAbbreviation>J Ex</ISOAbbreviation></Journal>"
        f"{title}{abstract}{more}</Article>{citation}</MedlineCitation><PubmedData>{data}</PubmedData></PubmedArticle>\n"
    )


def records_of(folder: Path, *parts: str, end: str = "</PubmedArticleSet>") -> list[Record]:
    path = folder / "pubmed.xml"
    path.write_text(DOCTYPE + "<PubmedArticleSet>" + "".join(parts) + end, encoding="utf-8")
    return list(read(path))


def one(folder: Path, *parts: str) -> Document:
    [record] = records_of(folder, *parts)
    assert isinstance(record, Document)
    return record


def test_every_field(tmp_path: Path) -> None:
    found = one(
        tmp_path,
        article(
            title="<ArticleTitle>Effect of H<sub>2</sub>O on <i>E. coli</i>.</ArticleTitle>",
            more="""<ELocationID EIdType="pii" ValidYN="Y">S1</ELocationID>
            <ELocationID EIdType="doi" ValidYN="N">10.9999/wrong</ELocationID>
            <ELocationID EIdType="doi" ValidYN="Y">10.1000/Right(01)</ELocationID>
            <AuthorList CompleteYN="Y">
              <Author ValidYN="Y"><LastName>De Vries</LastName><Initials>AB</Initials></Author>
              <Author ValidYN="N"><LastName>Misspelt</LastName><Initials>X</Initials></Author>
              <Author ValidYN="Y"><LastName>Oak</LastName><Initials>C</Initials><Suffix>Jr</Suffix>
                <AffiliationInfo><Affiliation>Elsewhere</Affiliation></AffiliationInfo></Author>
              <Author ValidYN="Y"><CollectiveName>Example Study Group</CollectiveName></Author>
            </AuthorList><Language>fre</Language><Language>eng</Language>
            <PublicationTypeList><PublicationType UI="D1">Journal Article</PublicationType>
              <PublicationType UI="D2">Randomized Controlled Trial</PublicationType></PublicationTypeList>""",
            citation="""<MeshHeadingList>
              <MeshHeading><DescriptorName UI="D3">Asthma</DescriptorName>
                <QualifierName UI="Q">therapy</QualifierName></MeshHeading>
              <MeshHeading><DescriptorName UI="D4">Humans</DescriptorName></MeshHeading>
              </MeshHeadingList>""",
            data="""<ArticleIdList><ArticleId IdType="pubmed">101</ArticleId>
              <ArticleId IdType="pmc">PMC77</ArticleId>
              <ArticleId IdType="doi">10.1000/second</ArticleId></ArticleIdList>""",
        ),
    )
    about = found.metadata
    assert found.id == "pubmed:101"
    assert about.title == "Effect of H2O on E. coli."
    assert (about.pmid, about.doi, about.pmcid) == ("101", "10.1000/Right(01)", "PMC77")
    assert (about.journal, about.year, about.language) == ("The journal of examples", 2018, "fre")
    assert about.authors == ("De Vries AB", "Oak C Jr", "Example Study Group")
    assert about.publication_types == ("Journal Article", "Randomized Controlled Trial")
    assert about.mesh == ("Asthma", "Humans")
    assert about.url == "https://pubmed.ncbi.nlm.nih.gov/101/"
    assert (about.origin.path, about.origin.format, about.origin.place) == (
        str(tmp_path / "pubmed.xml"),
        "pubmed",
        "record 1",
    )
    assert about.notices == ()
    assert not about.retracted


def test_identifiers_are_never_those_of_a_reference(tmp_path: Path) -> None:
    references = """<ReferenceList><Reference><Citation>Other. 10.1/other</Citation><ArticleIdList>
        <ArticleId IdType="pubmed">5</ArticleId><ArticleId IdType="doi">10.1234/other</ArticleId>
        <ArticleId IdType="pmc">PMC5</ArticleId></ArticleIdList></Reference></ReferenceList>"""
    own = "<ArticleIdList><ArticleId IdType='pubmed'>101</ArticleId></ArticleIdList>"
    for data in (own + references, references):
        about = one(tmp_path, article(data=data)).metadata
        assert (about.pmid, about.doi, about.pmcid) == ("101", None, None)
    own = "<ArticleIdList><ArticleId IdType='doi'>https://doi.org/10.1000/a.b</ArticleId></ArticleIdList>"
    assert one(tmp_path, article(data=own + references)).metadata.doi == "10.1000/a.b"


def test_labels_are_kept_in_their_words(tmp_path: Path) -> None:
    abstract = """<Abstract>
      <AbstractText Label="BACKGROUND &amp; AIMS" NlmCategory="BACKGROUND">Why
         this.</AbstractText>
      <AbstractText Label="RESULTS">10<sup>9</sup>/L, HbA<sub>1c</sub> 6.5%.</AbstractText>
      <AbstractText Label="Registration:">NCT01.</AbstractText>
      <AbstractText Label="EMPTY"> </AbstractText>
      <CopyrightInformation>© 2018 A publisher.</CopyrightInformation></Abstract>"""
    assert one(tmp_path, article(abstract=abstract)).sections == (
        Section(heading="BACKGROUND & AIMS", text="Why this."),
        Section(heading="RESULTS", text="10^9/L, HbA1c 6.5%."),
        Section(heading="Registration", text="NCT01."),
    )


def test_text_without_a_label_is_one_abstract(tmp_path: Path) -> None:
    abstract = """<Abstract><AbstractText>One.</AbstractText>
      <AbstractText Label="UNLABELLED">Two.</AbstractText>
      <AbstractText Label="FUNDING">Three.</AbstractText></Abstract>"""
    assert one(tmp_path, article(abstract=abstract)).sections == (
        Section(heading="Abstract", text="One.\nTwo."),
        Section(heading="FUNDING", text="Three."),
    )


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("It works. Copyright © 2015 A publisher. All rights reserved.", "It works."),
        ("It works. © 2015 The Authors.", "It works."),
        ("It works (n=3). Copyright 2001 A press.", "It works (n=3)."),
        ("Copyright law changed in 1998 and", "Copyright law changed in 1998 and"),
        ("It works. © The Author(s) 2019.", "It works."),
        ("Of: (a) one. (c) 2010 cohort.", "Of: (a) one. (c) 2010 cohort."),
        ("We discuss copyright in 2015 journals.", "We discuss copyright in 2015 journals."),
        ("Groups: (a) drug, (b) none, (c) 2010 cohort.", "Groups: (a) drug, (b) none, (c) 2010 cohort."),
    ],
)
def test_copyright_lines_are_left_out(tmp_path: Path, text: str, kept: str) -> None:
    found = one(tmp_path, article(abstract=f"<Abstract><AbstractText>{text}</AbstractText></Abstract>"))
    assert found.sections[0].text == kept


def test_another_abstract_only_where_there_is_none(tmp_path: Path) -> None:
    others = """<OtherAbstract Type="Publisher" Language="spa">
        <AbstractText>Texto.</AbstractText></OtherAbstract>
      <OtherAbstract Type="plain-language-summary" Language="eng">
        <AbstractText Label="SUMMARY">Plain.</AbstractText></OtherAbstract>"""
    assert [s.text for s in one(tmp_path, article(citation=others)).sections] == ["Text."]
    assert one(tmp_path, article(abstract="", citation=others)).sections == (
        Section(heading="SUMMARY", text="Plain."),
    )


def test_titles(tmp_path: Path) -> None:
    bracketed = "<ArticleTitle>[Treatment of asthma].</ArticleTitle>"
    vernacular = "<VernacularTitle>Tratamiento del asma.</VernacularTitle>"
    missing = "<ArticleTitle>[Not Available].</ArticleTitle>"
    assert one(tmp_path, article(title=bracketed, more=vernacular)).metadata.title == "[Treatment of asthma]."
    assert one(tmp_path, article(title=missing, more=vernacular)).metadata.title == "Tratamiento del asma."


def test_no_abstract_leaves_the_title_as_text(tmp_path: Path) -> None:
    for abstract in ("", "<Abstract><AbstractText/></Abstract>"):
        assert one(tmp_path, article(abstract=abstract)).sections == (Section(heading="", text="A title."),)


@pytest.mark.parametrize(
    ("date", "more", "year"),
    [
        ("<PubDate><MedlineDate>1998 Dec-1999 Jan</MedlineDate></PubDate>", "", 1998),
        ("<PubDate><MedlineDate>Winter 2001-2002</MedlineDate></PubDate>", "", 2001),
        ("<PubDate><Year>2018</Year></PubDate>", "<ArticleDate><Year>2017</Year></ArticleDate>", 2018),
        ("<PubDate/>", "<ArticleDate DateType='Electronic'><Year>2017</Year></ArticleDate>", 2017),
        ("", "", None),
        ("<PubDate><Year>in press</Year></PubDate>", "", None),
        ("<PubDate><Year>20188</Year></PubDate>", "", None),
    ],
)
def test_year(tmp_path: Path, date: str, more: str, year: int | None) -> None:
    assert one(tmp_path, article(date=date, more=more)).metadata.year == year


def link(kind: str, source: str = "J Ex. 2020;1(2):3", pmid: str = "<PMID>55</PMID>") -> str:
    return (
        f"<CommentsCorrections RefType='{kind}'><RefSource>{source}</RefSource>{pmid}</CommentsCorrections>"
    )


@pytest.mark.parametrize(
    ("ref_type", "kind", "retracted"),
    [
        ("RetractionIn", "retracted", True),
        ("RetractedandRepublishedIn", "retracted", True),
        ("RetractionOf", "retracts", False),
        ("PartialRetractionIn", "concern", False),
        ("ExpressionOfConcernIn", "concern", False),
        ("ErratumIn", "corrected", False),
        ("ErratumFor", "corrects", False),
        ("CorrectedandRepublishedIn", "corrected", False),
        ("UpdateIn", "updated", False),
        ("CommentOn", "comment", False),
        ("Cites", None, False),
        ("UpdateOf", None, False),
    ],
)
def test_notices(tmp_path: Path, ref_type: str, kind: str | None, retracted: bool) -> None:
    links = f"<CommentsCorrectionsList>{link('Cites')}{link(ref_type)}</CommentsCorrectionsList>"
    about = one(tmp_path, article(citation=links)).metadata
    assert [n.kind for n in about.notices] == ([kind] if kind else [])
    assert about.retracted is retracted


def test_a_notice_names_pmid_and_doi(tmp_path: Path) -> None:
    links = (
        link("RetractionIn", "J Ex. 2020;1(2):3. doi: 10.1000/notice.7.")
        + link("ErratumIn", pmid="")
        + link("CommentIn", pmid="<PMID/>")
    )
    about = one(
        tmp_path, article(citation=f"<CommentsCorrectionsList>{links}</CommentsCorrectionsList>")
    ).metadata
    assert about.notices == (
        Notice(
            kind="retracted",
            reference="J Ex. 2020;1(2):3. doi: 10.1000/notice.7.",
            pmid="55",
            doi="10.1000/notice.7",
        ),
        Notice(kind="corrected", reference="J Ex. 2020;1(2):3"),
        Notice(kind="comment", reference="J Ex. 2020;1(2):3"),
    )


@pytest.mark.parametrize(
    ("publication_type", "retracted"),
    [("Retracted Publication", True), ("Retraction of Publication", False), ("Retraction Notice", False)],
)
def test_retracted_by_type(tmp_path: Path, publication_type: str, retracted: bool) -> None:
    types = (
        f"<PublicationTypeList><PublicationType>{publication_type}</PublicationType></PublicationTypeList>"
    )
    assert one(tmp_path, article(more=types)).metadata.retracted is retracted


def test_deletions(tmp_path: Path) -> None:
    found = records_of(
        tmp_path,
        article(),
        "<DeleteCitation><PMID Version='1'>7</PMID><PMID Version='1'>8</PMID></DeleteCitation>",
    )
    source = str(tmp_path / "pubmed.xml")
    assert found[1:] == [Removed(document_id=f"pubmed:{n}", source=source) for n in (7, 8)]


def test_bad_records_are_skipped_with_their_place(tmp_path: Path) -> None:
    found = records_of(
        tmp_path,
        article(),
        article(pmid=""),
        article(pmid="<PMID>not a number</PMID>"),
        article(title="<ArticleTitle/>", abstract=""),
        "<PubmedArticle/>",
        "<PubmedArticle><MedlineCitation><PMID>9</PMID></MedlineCitation></PubmedArticle>",
        "<DeleteCitation><PMID/></DeleteCitation>",
        article(pmid="<PMID>102</PMID>"),
    )
    assert [r.id for r in found if isinstance(r, Document)] == ["pubmed:101", "pubmed:102"]
    skipped = [r for r in found if isinstance(r, Skipped)]
    assert [s.place for s in skipped] == [f"record {n}" for n in (2, 3, 4, 5, 6, 7)]
    assert "neither title nor abstract" in skipped[2].reason
    assert not any(isinstance(r, Removed) for r in found)


def test_versions_come_in_order(tmp_path: Path) -> None:
    newer = article("<PMID Version='2'>101</PMID>", title="<ArticleTitle>Newer.</ArticleTitle>")
    found = records_of(tmp_path, article(), newer)
    assert [(r.id, r.metadata.title) for r in found if isinstance(r, Document)] == [
        ("pubmed:101", "A title."),
        ("pubmed:101", "Newer."),
    ]


def test_a_book_chapter(tmp_path: Path) -> None:
    book = """<PubmedBookArticle><BookDocument><PMID Version="1">301</PMID>
      <ArticleIdList><ArticleId IdType="bookaccession">NBK1</ArticleId>
        <ArticleId IdType="doi">10.1000/book</ArticleId></ArticleIdList>
      <Book><Publisher><PublisherName>P</PublisherName></Publisher>
        <BookTitle book="b">Examples Handbook</BookTitle>
        <PubDate><Year>2024</Year></PubDate>
        <AuthorList Type="editors"><Author><LastName>Editor</LastName></Author></AuthorList></Book>
      <ArticleTitle book="b" part="c">A chapter</ArticleTitle><Language>eng</Language>
      <AuthorList Type="authors">
        <Author><LastName>Writer</LastName><Initials>W</Initials></Author></AuthorList>
      <PublicationType UI="D">Review</PublicationType>
      <Abstract><AbstractText>Chapter text.</AbstractText></Abstract>
      </BookDocument><PubmedBookData/></PubmedBookArticle>"""
    found = one(tmp_path, book)
    about = found.metadata
    assert (found.id, about.title, about.journal, about.year) == (
        "pubmed:301",
        "A chapter",
        "Examples Handbook",
        2024,
    )
    assert (about.doi, about.authors, about.publication_types) == ("10.1000/book", ("Writer W",), ("Review",))
    assert found.sections == (Section(heading="Abstract", text="Chapter text."),)


def test_a_file_cut_in_the_middle(tmp_path: Path) -> None:
    *documents, last = records_of(tmp_path, article(), article("<PMID>102</PMID>"), end=article()[:200])
    assert [d.id for d in documents if isinstance(d, Document)] == ["pubmed:101", "pubmed:102"]
    assert isinstance(last, Skipped)
    assert last.place.startswith("after record 2, line ")


def test_a_file_of_another_kind(tmp_path: Path) -> None:
    path = tmp_path / "other.xml"
    path.write_text("<html><body>Sign in</body></html>")
    with pytest.raises(FormatError, match="no PubmedArticle"):
        list(read(path))


MEASURE = """
import resource, sys
from pathlib import Path
from xml.sax.saxutils import escape
from ingest.readers.pubmed import read
for n, record in enumerate(read(Path(sys.argv[1])), start=1):
    if n == 500:
        early = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(n, record.id, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - early) // 1024)
"""


def test_a_large_gzipped_file_takes_the_memory_of_one_record(tmp_path: Path) -> None:
    pytest.importorskip("resource")
    path = tmp_path / "baseline"
    with gzip.open(path, "wt", compresslevel=1) as out:
        out.write(DOCTYPE + "<PubmedArticleSet>")
        for n in range(1, 8001):
            text = f"<Abstract><AbstractText>{f'word{n} ' * 500}</AbstractText></Abstract>"
            out.write(article(f"<PMID>{n}</PMID>", abstract=text))
        out.write("</PubmedArticleSet>")
    ran = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parent.parent,
    )
    count, last, growth_mib = ran.stdout.split()
    assert (count, last) == ("8000", "pubmed:8000")
    assert int(growth_mib) < 12  # the 7,500 later abstracts are 35 MiB of text


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=12),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_every_record_is_a_document_or_is_skipped(
    tmp_path_factory: pytest.TempPathFactory, given_records: list[tuple[str, bool]]
) -> None:
    parts = [
        article(
            f"<PMID>{n}</PMID>" if known else "",
            title=f"<ArticleTitle>{escape(title)}</ArticleTitle>",
            abstract="",
        )
        for n, (title, known) in enumerate(given_records, start=1)
    ]
    found = records_of(tmp_path_factory.getbasetemp(), *parts)
    assert len(found) == len(parts)
    assert all(isinstance(r, Document | Skipped) for r in found)
    for n, ((title, known), record) in enumerate(zip(given_records, found, strict=True), start=1):
        if isinstance(record, Document):
            assert known
            assert record.metadata.origin.place == f"record {n}"
        else:
            assert not known or not title.strip()
