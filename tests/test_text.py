import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant import text as text_module
from assistant.text import clean, sentences, trim

prose = st.lists(
    st.sampled_from(
        ["Give", "5", "mg", "approx.", "e.g.", "Fig.", "2", "b.i.d.", "E.", "coli", ".03.", "1.2-3.4;", "- ",
         "(p<.05).", "\n", "\n\n", " ", "\t", "|", "α", "?!", "…", "\u00a0", "no.", "“Yes.”", "x" * 50]
    ),
    max_size=60,
).map(" ".join)  # fmt: skip


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


@given(st.one_of(prose, st.text(max_size=200)))
@settings(max_examples=200, deadline=None)
def test_spans_are_ordered_trimmed_and_cover_all_but_white_space(text):
    end = 0
    for a, b in sentences(text):
        assert end <= a < b
        assert text[end:a].strip() == ""
        assert text[a:b] == text[a:b].strip()
        end = b
    assert text[end:].strip() == ""


@pytest.mark.parametrize(
    "sentence",
    [
        "Give approx. 5 mg daily.",
        "Anticoagulants (e.g. warfarin) were compared vs. placebo in adults.",
        "The curve in Fig. 2 and in Figs. 3 and 4 is flat.",
        "Take 5 mg b.i.d. with food.",
        "Start 5 mg p.o. and 10 mg i.v. on day one.",
        "E. coli and S. aureus were grown.",
        "It fell by half (95% CI 1.2-3.4; p = .03).",
        "The risk ratio was 0.85, i.e. lower than expected.",
        "It was described by Jones et al. in 2010.",
        "Give max. 4 g a day and see ref. 12 for children.",
        "Sample no. 5 was left out.",
        "The temp. 38.5 was the highest.",
        "Give at most 1,000 units (about 2.5 ml).",
    ],
)
def test_clinical_abbreviations_do_not_end_a_sentence(sentence):
    assert cut(f"{sentence} Then stop.") == [sentence, "Then stop."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It was 95% CI 1.2-3.4; p = .03. It was safe.", ["It was 95% CI 1.2-3.4; p = .03.", "It was safe."]),
        ("It fell (Fig. 2). Then it rose.", ["It fell (Fig. 2).", "Then it rose."]),
        ("P was <.001. Vitamin D helped.", ["P was <.001.", "Vitamin D helped."]),
        ("We grew E. coli. S. aureus was absent.", ["We grew E. coli.", "S. aureus was absent."]),
        ("It went up. 4. The next fell.", ["It went up.", "4. The next fell."]),
        ("We saw men (47 (31.8 %), 101 women (68.2 %)). All lived.",
         ["We saw men (47 (31.8 %), 101 women (68.2 %)).", "All lived."]),
        ("SETTING(S) Two clinics.", ["SETTING(S) Two clinics."]),
        ("Is it safe? Yes! It is.", ["Is it safe?", "Yes!", "It is."]),
        ("Dosing\nGive 5 mg\n\nRisks", ["Dosing", "Give 5 mg", "Risks"]),
        ("- aspirin 75 mg\n- clopidogrel 75 mg", ["- aspirin 75 mg", "- clopidogrel 75 mg"]),
        ("1. Stop the drug.\n2. Give vitamin K.", ["1. Stop the drug.", "2. Give vitamin K."]),
        ("| drug | dose |\n| warfarin | 5 mg |", ["| drug | dose |", "| warfarin | 5 mg |"]),
        ("drug\tdose\nwarfarin\t5 mg", ["drug\tdose", "warfarin\t5 mg"]),
        ("The dose was halved in those who had a\nreduced clearance. Others\ndid well.",
         ["The dose was halved in those who had a\nreduced clearance.", "Others", "did well."]),
    ],
)  # fmt: skip
def test_boundaries(text, expected):
    assert cut(text) == expected


@pytest.mark.parametrize("unit", ["word ", "a", "e.g. ", "A. b ", "and,\nfoo", "- a\n", "\n", "("])
def test_a_long_text_is_read_once_in_bounded_pieces(unit, monkeypatch):
    """So the time is linear, whatever syntok's is in the length of a piece."""
    read = []
    cuts = text_module._cuts

    def counted(text, start, end):
        read.append((start, end))
        return cuts(text, start, end)

    monkeypatch.setattr(text_module, "_cuts", counted)
    length = 3 * text_module.PIECE
    sentences(unit * (length // len(unit)))
    assert all(end - start <= text_module.PIECE for start, end in read)
    assert all(end <= start for (_, end), (start, _) in pairwise(read))


def test_clean_drops_what_is_not_seen_and_keeps_paragraphs():
    assert clean("a\u200bb\u202ec\x00d\ud800e\ufeff") == "abcde"
    assert clean("one\r\ntwo\rthree\u2029four  \n\n\n\n five\t6\n") == "one\ntwo\nthree\nfour\n\n five\t6"
    assert clean("Sjo\u0308gren") == "Sj\u00f6gren"
    assert clean("soft\u00adhyphen, 5\u00a0mg, \u03b2-blocker") == "softhyphen, 5\u00a0mg, β-blocker"


@given(st.text(st.characters(codec=None), max_size=80))
@settings(max_examples=200, deadline=None)
def test_clean_text_is_normal_and_stays_as_it_is(text):
    cleaned = clean(text)
    assert clean(cleaned) == cleaned == unicodedata.normalize("NFC", cleaned)
    assert not any(
        unicodedata.category(c) in ("Cc", "Cs") for c in cleaned.replace("\n", "").replace("\t", "")
    )
    cleaned.encode("utf-8")


def test_clean_takes_linear_time_on_endless_white_space():
    assert clean("x" + " " * 500_000 + "y\n" + " " * 500_000).endswith(" y")


def test_trim():
    assert trim("x  ab \n", 1, 7) == (3, 5)
