"""What must not leave is found, a question's own words are not, and offsets are those of the text as given.

Every person, number and address here is invented.
"""

import json
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from assistant.cli import app
from assistant.errors import EgressBlocked
from assistant.privacy import KINDS, find, gate, redact, withheld

FOUND = [  # text, kind, the words
    ("My patient John Miller has AF", "name", "John Miller"),
    ("Mrs. Ferncastle is on warfarin", "name", "Ferncastle"),
    ("Smith, John: INR 4", "name", "Smith, John"),
    ("J. R. Okafor needs insulin", "name", "J. R. Okafor"),
    ("how about john smith and warfarin", "name", "john smith"),
    ("Garcia's INR is 5", "name", "Garcia"),
    ("lives at 12 Elm Street, aspirin?", "place", "12 Elm Street"),
    ("fall in Springfield, IL 62704 today", "place", "Springfield, IL 62704"),
    ("ZIP 02139: Lyme?", "place", "02139"),
    ("seen in St. Hilda's Hospital with MI", "place", "St. Hilda's Hospital"),
    ("born 03/14/1951", "date", "03/14/1951"),
    ("started March 14th, 2024", "date", "March 14th, 2024"),
    ("stent on 14 March", "date", "14 March"),
    ("echo of 2024-03-14", "date", "2024-03-14"),
    ("seen Tuesday, 3 June 2025", "date", "Tuesday, 3 June 2025"),
    ("93-year-old with a fall", "age", "93-year-old"),
    ("aged 97, statin?", "age", "97"),
    ("a ninety-two-year-old man", "age", "ninety-two-year-old"),
    ("call (617) 555-0134", "phone", "(617) 555-0134"),
    ("ring +44 20 7946 0123", "phone", "+44 20 7946 0123"),
    ("fax 617-555-0134", "fax", "617-555-0134"),
    ("jane.roe@example.org asks", "email", "jane.roe@example.org"),
    ("SSN 078-05-1120", "ssn", "078-05-1120"),
    ("MRN 00482913", "record", "00482913"),
    ("Medicare ID 1EG4-TE5-MK73", "plan", "1EG4-TE5-MK73"),
    ("account number 44321876", "account", "44321876"),
    ("driver's license D1234567", "licence", "D1234567"),
    ("license plate ABC-1234", "vehicle", "ABC-1234"),
    ("VIN 1HGCM82633A004352", "vehicle", "1HGCM82633A004352"),
    ("pacemaker serial SN-8842-AK", "device", "SN-8842-AK"),
    ("see https://portal.example.org/p/77", "url", "https://portal.example.org/p/77"),
    ("from 192.168.4.20", "ip", "192.168.4.20"),
    ("from 2001:db8::8a2e:370", "ip", "2001:db8::8a2e:370"),
    ("fingerprint ID FP-20931", "biometric", "fingerprint ID FP-20931"),
    ("IMG_2231.jpg shows her rash", "photo", "IMG_2231.jpg"),
    ("study subject 0042-113 on placebo", "code", "0042-113"),
]
CLEAN = [
    "What is the dose of apixaban in a 78-year-old with creatinine 1.6 mg/dL?",
    "Statins in an 89-year-old?",
    "Statins in patients aged 90 and older",
    "Is levodopa better than ropinirole in early Parkinson disease?",
    "Bell palsy: prednisolone within 72 hours?",
    "Does the 2016 SPRINT trial apply to diabetics?",
    "CYP2C9*2/*3 and warfarin 5 mg",
    "HLA-B*57:01 before abacavir",
    "Treatment of Crohn's disease in pregnancy at 12 weeks",
    "Graves orbitopathy and radioiodine; Wilson's disease; de Quervain thyroiditis",
    "Henoch-Schonlein purpura in a 6-year-old: steroids?",
    "Child-Pugh B, Glasgow Coma Scale 13, Apgar 9, Mayo score",
    "Guillain-Barré, Charcot-Marie-Tooth, Lewy body dementia and Hodgkin lymphoma",
    "BP 120/80, pain 7/10, 1/2 tablet, 24/7 monitoring, 5/500 mg",
    "NCT01206062, PMID 26551272, doi 10.1000/abc123 and ICD-10 I48.0",
    "rs1799853, LY294002, BAY 1163877 and NM_000059.3",
    "Trials published between January 2010 and March 2015",
    "approved by the FDA in September 2018",
    "St. John's wort with sertraline",
    "may 5 mg be enough? march 10 km a day",
    "Is dabigatran 150 mg b.i.d. better than warfarin, INR 2.0-3.0?",
    "eGFR 28 mL/min/1.73 m2; platelets 150000/uL; 1000000 CFU",
    "West Nile virus in Texas",
    "Ann Arbor stage III, Framingham risk score, Boston criteria",
    "EC 3.4.21.5 and CAS 50-78-2",
    "MR angiography and MS relapse",
    "footprint of the tibia and a metabolic fingerprint",
]


@pytest.mark.parametrize(("text", "kind", "words"), FOUND)
def test_found(text: str, kind: str, words: str) -> None:
    assert [(s.kind, text[s.start : s.end]) for s in find(text)] == [(kind, words)]


@pytest.mark.parametrize("text", CLEAN)
def test_a_clinical_question_is_let_through(text: str) -> None:
    assert [(s.kind, text[s.start : s.end]) for s in find(text)] == []


def test_every_kind_is_tried() -> None:
    assert {kind for _, kind, _ in FOUND} == set(KINDS)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("SSN ０７８-０５-１１２０", "０７８-０５-１１２０"),  # full-width digits
        ("SSN 078\u201105\u20111120 ok", "078\u201105\u20111120"),  # non-breaking hyphens
        ("MRN\u00a0004\u200b829\u200b13 ok", "004\u200b829\u200b13"),  # zero-width spaces
        ("mail jane\u200d.roe@example.org", "jane\u200d.roe@example.org"),
        ("my patient Jos\u0065\u0301 Garc\u0069\u0301a asks", "Jos\u0065\u0301 Garc\u0069\u0301a"),
        ("my patient J\u043ehn Miller asks", "J\u043ehn Miller"),  # a Cyrillic o
        ("born\t03/14/1951\r\nnext", "03/14/1951"),
    ],
)
def test_disguises(text: str, words: str) -> None:
    assert [text[s.start : s.end] for s in find(text)] == [words]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.text(max_size=8),
            st.sampled_from(["John Smith ", "078-05-1120", " MRN 12345 ", "３/14/1951", "\u200b", "a@b.co "]),
        ),
        max_size=8,
    ).map("".join)
)
def test_spans_are_in_order_apart_and_trimmed(text: str) -> None:
    spans = find(text)
    end = 0
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip() == text[span.start : span.end]
        end = span.end
    assert [s.kind for s in find(unicodedata.normalize("NFC", text))] == [
        s.kind for s in find(unicodedata.normalize("NFD", text))
    ]
    for span in spans:
        assert f"[{span.kind}]" in redact(text)


@pytest.mark.parametrize(
    "unit",
    ["a", "1", "A ", "Aa ", "1-", "1.", "a.", "0:", "[", "Dr. ", "fax 1 ", "a@", "x/", "Ab, ", "12 A "],
)
def test_long_texts_end(unit: str) -> None:
    """One line without an end: a pattern that goes back again and again would not come out of a megabyte."""
    find((unit * 1_000_000)[: 1_000_000 if unit == "a" else 30_000])


def test_redact_puts_the_kind_in_place() -> None:
    assert redact("Mrs. Ferncastle, MRN 00482913.") == "Mrs. [name], MRN [record]."
    assert redact("no one here") == "no one here"


def test_the_gate_tells_what_it_found() -> None:
    gate([])
    gate(CLEAN)
    with pytest.raises(EgressBlocked, match=r"a name \(John Miller\).*nothing was sent") as caught:
        gate(["apixaban?", "My patient John Miller"])
    assert caught.value.status == 1
    ((number, span),) = caught.value.findings  # type: ignore[misc]
    assert (number, span.start, span.end) == (1, 11, 22)  # type: ignore[has-type]
    assert withheld(["clean", "SSN 078-05-1120"]) == (1,)


def test_the_command() -> None:
    text = "Fallen in café, 93-year-old. SSN 078-05-1120\n"
    done = CliRunner().invoke(app, ["redact", "--json"], input=text)
    found = json.loads(done.stdout)
    assert found["text"] == "Fallen in café, [age]. SSN [ssn]\n"
    assert [text[s["start"] : s["end"]] for s in found["spans"]] == ["93-year-old", "078-05-1120"]
    assert [s["kind"] for s in found["spans"]] == ["age", "ssn"]
    plain = CliRunner().invoke(app, ["redact"], input="aspirin?\n")
    assert plain.stdout == "aspirin?\n"
    assert "no assurance" in plain.stderr


def test_bytes_that_are_no_text_do_not_end_it() -> None:
    done = CliRunner().invoke(app, ["redact", "--json"], input=b"\xff\xfe SSN 078-05-1120")
    assert [s["kind"] for s in json.loads(done.stdout)["spans"]] == ["ssn"]
