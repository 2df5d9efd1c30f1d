import gzip
import io
import random
from pathlib import Path
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from assistant.errors import FormatError, InputError
from assistant.types import Skipped
from ingest.readers import safexml
from ingest.readers.safexml import pieces, records, text_of


def found(path: Path) -> tuple[list[str], list[Skipped]]:
    texts, skipped = [], []
    for item in records(path, ["R"]):
        if isinstance(item, Skipped):
            skipped.append(item)
        else:
            texts.append(text_of(item))
    return texts, skipped


def written(folder: Path, content: bytes | str, name: str = "a.xml") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def noise(size: int) -> str:
    """Text that does not compress away, the same each time."""
    chosen = random.Random(7)
    return "".join(chosen.choice("abcdefghijklmnopqrstuvwxyz0123456789 ") for _ in range(size))


def test_records_in_order_whatever_the_ending_and_the_namespace(tmp_path: Path) -> None:
    xml = (
        '<?xml version="1.0"?><!DOCTYPE S PUBLIC "-//A" "http://localhost/none.dtd"><S>\n<R>a</R><R>b</R></S>'
    )
    assert found(written(tmp_path, xml)) == (["a", "b"], [])
    assert found(written(tmp_path, gzip.compress(xml.encode()), "unnamed")) == (["a", "b"], [])
    halves = gzip.compress(xml[:90].encode()) + gzip.compress(xml[90:].encode())
    assert found(written(tmp_path, halves, "b.xml")) == (["a", "b"], [])
    assert found(written(tmp_path, '<S xmlns="urn:x"><R>c</R></S>')) == (["c"], [])


def test_other_encodings(tmp_path: Path) -> None:
    xml = '<?xml version="1.0" encoding="{}"?><S><R>naïve</R></S>'
    for encoding in ("utf-8", "iso-8859-1", "utf-16"):
        assert found(written(tmp_path, xml.format(encoding).encode(encoding))) == (["naïve"], [])


def test_a_cut_file_gives_what_stands_before_the_cut(tmp_path: Path) -> None:
    xml = "<S>\n<R>a</R>\n<R>b</R>\n<R>c"
    texts, [skipped] = found(written(tmp_path, xml))
    assert texts == ["a", "b"]
    assert skipped.source == str(tmp_path / "a.xml")
    assert skipped.place == "after record 2, line 4"
    assert "cut" in skipped.reason


def test_a_malformed_record_is_reported_after_the_good_ones(tmp_path: Path) -> None:
    texts, [skipped] = found(written(tmp_path, "<S>\n<R>a</R>\n<R>b</X>\n<R>c</R></S>"))
    assert texts == ["a"]
    assert skipped.place == "after record 1, line 3"


def test_truncated_and_damaged_gzip(tmp_path: Path) -> None:
    xml = "<S>\n" + "".join(f"<R>{i} {noise(400)}</R>\n" for i in range(500)) + "</S>"
    whole = gzip.compress(xml.encode())
    texts, [skipped] = found(written(tmp_path, whole[:-40]))
    assert len(texts) > 400
    assert skipped.place == f"after record {len(texts)}, line {len(texts) + 2}"
    assert "gzip" in skipped.reason
    damaged = bytearray(whole)
    damaged[-6] ^= 0xFF
    texts, [skipped] = found(written(tmp_path, bytes(damaged)))
    assert len(texts) == 500
    assert "gzip" in skipped.reason


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "an empty file"),
        (gzip.compress(b""), "an empty file"),
        (b"no markup at all", "malformed"),
        (b"<S><R>cut in the first", "cut"),
        (b"<S></S>", "no R"),
        (gzip.compress(f"<S><R>{noise(9000)}</R></S>".encode())[:900], "gzip"),
        (b"%PDF-1.7\n\x00\xff", "malformed"),
    ],
)
def test_a_file_without_a_record_is_an_error(tmp_path: Path, content: bytes, reason: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(FormatError, match=reason) as caught:
        found(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.xml: cannot be read"):
        found(tmp_path / "none.xml")
    with pytest.raises(InputError, match="cannot be read"):
        found(tmp_path)


BOMB = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10}">' for i in range(1, 12))


@pytest.mark.parametrize(
    "subset",
    [
        f'<!ENTITY e0 "aaaaaaaaaa">{BOMB}',
        '<!ENTITY e11 SYSTEM "file://{canary}">',
        '<!ENTITY e11 PUBLIC "-//X" "http://127.0.0.1:9/x">',
        '<!ENTITY % p SYSTEM "file://{canary}"> %p; <!ENTITY e11 "x">',
        '<!ENTITY e11 "harmless">',
    ],
)
@pytest.mark.parametrize("body", ["<R>&e11;</R>", "<R>no reference</R>"])
def test_declared_entities_are_refused_and_never_read(tmp_path: Path, subset: str, body: str) -> None:
    canary = tmp_path / "canary.dtd"
    canary.write_text('<!ENTITY e11 "SECRET">')
    declared = subset.replace("{canary}", str(canary))
    path = written(tmp_path, f'<?xml version="1.0"?><!DOCTYPE S [{declared}]><S>{body}</S>')
    with pytest.raises(FormatError, match="entity") as caught:
        found(path)
    assert "SECRET" not in str(caught.value)


def test_a_bomb_in_an_attribute_is_refused(tmp_path: Path) -> None:
    xml = f'<!DOCTYPE S [<!ENTITY e0 "aaaaaaaaaa">{BOMB}]><S><R x="&e11;">a</R></S>'
    with pytest.raises(FormatError, match="entity"):
        found(written(tmp_path, xml))


def test_the_external_dtd_is_not_read_and_its_entities_become_characters(tmp_path: Path) -> None:
    dtd = tmp_path / "x.dtd"
    dtd.write_text('<!ENTITY alpha "SECRET">')
    xml = f'<!DOCTYPE S SYSTEM "file://{dtd}"><S><R>TNF-&alpha; &le; 5&nbsp;mg &unheard; x</R></S>'
    assert found(written(tmp_path, xml)) == (["TNF-α ≤ 5 mg unheard x"], [])


def test_a_decompression_bomb_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safexml, "MIN_BYTES", 1 << 20)
    bomb = written(tmp_path, gzip.compress(b"<S><R>a</R>" + b" " * (8 << 20) + b"</S>"))
    texts, [skipped] = found(bomb)
    assert texts == ["a"]
    assert "decompression bomb" in skipped.reason
    read: list[int] = []
    with pytest.raises(FormatError, match="bomb"):
        read.extend(len(piece) for piece in pieces(bomb))
    assert sum(read) < 3 << 20


def test_a_total_bound_holds_without_a_ratio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safexml, "MAX_BYTES", 100_000)
    _, [skipped] = found(written(tmp_path, gzip.compress(f"<S><R>a</R><R>{noise(300_000)}</R></S>".encode())))
    assert "decompression bomb" in skipped.reason


def test_one_huge_record_stops(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safexml, "MAX_RECORD", 200_000)
    texts, [skipped] = found(written(tmp_path, "<S><R>a</R><R>" + "<x/>" * 200_000 + "</R></S>"))
    assert texts == ["a"]
    assert "a record of over" in skipped.reason


def test_one_huge_text_stops(tmp_path: Path) -> None:
    texts, [skipped] = found(written(tmp_path, b"<S><R>a</R><R>" + b"x" * 20_000_000 + b"</R></S>"))
    assert texts == ["a"]
    assert "Text node too long" in skipped.reason


def test_deep_nesting_stops(tmp_path: Path) -> None:
    texts, [skipped] = found(written(tmp_path, "<S><R>a</R><R>" + "<d>" * 5000 + "</d>" * 5000 + "</R></S>"))
    assert texts == ["a"]
    assert "depth" in skipped.reason.lower()


def test_what_was_yielded_is_emptied(tmp_path: Path) -> None:
    path = written(tmp_path, "<S>" + "".join(f"<R><b>{i}</b></R>" for i in range(1000)) + "</S>")
    kept = []
    for item in records(path, ["R"]):
        assert not isinstance(item, Skipped)
        parent = item.getparent()
        assert parent is not None
        assert parent.index(item) <= 1
        kept.append(item)
    assert all(len(element) == 0 for element in kept)


def test_a_reader_that_stops_early_closes_the_file(tmp_path: Path) -> None:
    path = written(tmp_path, gzip.compress(f"<S><R>a</R><R>{noise(300_000)}</R></S>".encode()))
    source = records(path, ["R"])
    next(source)
    del source  # an open file would be a ResourceWarning, and warnings are errors here


@pytest.mark.parametrize(
    ("xml", "text"),
    [
        ("10<sup>9</sup>/L", "10^9/L"),
        ("5 x 10<sup>-3</sup> and 10<sup>−3</sup>", "5 x 10^-3 and 10^−3"),
        ("p &lt; 0.05<sup>12</sup>", "p < 0.05^12"),
        ("<b>10</b><sup>9</sup>", "10^9"),
        ("kg/m<sup>2</sup>, Ca<sup>2+</sup>, 5<sup>th</sup>", "kg/m2, Ca2+, 5th"),
        ("CYP2C9<sup>*</sup>2 and CYP2C9<i>*2</i>", "CYP2C9*2 and CYP2C9*2"),
        ("HbA<sub>1c</sub>, H<sub>2</sub>O, CHA<sub>2</sub>DS<sub>2</sub>-VASc", "HbA1c, H2O, CHA2DS2-VASc"),
        ("log<sub>10</sub>5", "log10 5"),
        ("4<sub>2</sub>", "4_2"),
        ("a <sup>18</sup>F-FDG scan", "a 18F-FDG scan"),
        ("a β\n\t\t<sub>2</sub>-agonist", "a β2-agonist"),
        ("using\n<sup>18</sup>F", "using 18F"),
        ("10\n  <sup>9</sup>", "10^9"),
        ("a\u00a0\n\tb\u2009c", "a b c"),
        ("x<i>y</i>z<!-- no --><?pi no?> w", "xyz w"),
        ("<p>one</p><p>two</p>three<br/>four", "one two three four"),
        ("soft\u00adhyphen\u200b and \u202ebidi", "softhyphen and bidi"),
        (
            "<math><mrow><msup><mn>10</mn><mn>9</mn></msup>\n<mo>=</mo>\n<mfrac><mrow><mi>a</mi><mo>+</mo><mn>1</mn>"
            "</mrow><mn>2</mn></mfrac></mrow></math>",
            "10^9=(a+1)/2",
        ),
        ("<math><mmultiscripts><mi>Xe</mi><mprescripts/><none/><mn>129</mn></mmultiscripts></math>", "129Xe"),
        ("<math><msubsup><mi>x</mi><mn>1</mn><mn>2</mn></msubsup></math>", "x1^2"),
        ("<math><mn>2</mn><mn>3</mn></math>", "2 3"),
        ('<math alttext="E = mc2"/>!', "E = mc2!"),
        ("<math><semantics><mi>q</mi><annotation>$q$</annotation></semantics></math>", "q"),
        (
            r"<alternatives><tex-math>\begin{document}$x$\end{document}</tex-math><math><mi>y</mi></math></alternatives>",
            "y",
        ),
        (r"<tex-math>\usepackage{a}\begin{document}$$x_1$$\end{document}</tex-math>", "x_1"),
    ],
)
def test_text_of(xml: str, text: str) -> None:
    assert text_of(etree.fromstring(f"<r>{xml}</r>")) == text


def test_text_of_nothing_and_of_less() -> None:
    assert text_of(None) == ""
    element = etree.fromstring("<r>treatment<xref><sup>12</sup></xref> works</r>")
    assert text_of(element) == "treatment12 works"
    assert text_of(element, skip=lambda e: e.tag == "xref") == "treatment works"


WORDS = st.text(alphabet=st.sampled_from("abz 059<>&'\"β\n"), max_size=8)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["sub", "sup", "i", "p"]), WORDS, WORDS), max_size=6))
def test_no_character_is_lost_and_no_numbers_meet(parts: list[tuple[str, str, str]]) -> None:
    xml = "<r>" + "".join(f"<{tag}>{escape(a)}</{tag}>{escape(b)}" for tag, a, b in parts) + "</r>"
    text = text_of(etree.parse(io.BytesIO(xml.encode())).getroot())
    kept = "".join(a + b for _, a, b in parts)
    assert "".join(text.replace("^", "").replace("_", "").split()) == "".join(kept.split())
    assert text == " ".join(text.split())


@settings(max_examples=40, deadline=None)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_are_a_clear_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = written(tmp_path_factory.getbasetemp(), content, "fuzz")
    with pytest.raises(FormatError):
        found(path)


@settings(max_examples=60, deadline=None)
@given(st.integers(min_value=0, max_value=400))
def test_cut_anywhere_nothing_complete_is_lost(tmp_path_factory: pytest.TempPathFactory, at: int) -> None:
    xml = ("<S>" + "".join(f"<R>{i}</R>" for i in range(30)) + "</S>").encode()
    cut = xml[:at]
    path = written(tmp_path_factory.getbasetemp(), cut, "cut")
    complete = cut.count(b"</R>")
    if not complete:
        with pytest.raises(FormatError):
            found(path)
        return
    texts, skipped = found(path)
    assert texts == [str(i) for i in range(complete)]
    assert len(skipped) == (0 if at >= len(xml) else 1)
