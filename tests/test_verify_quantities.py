from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.verify.quantities import Quantity, close, quantities
from assistant.verify.reading import fold


def one(text: str) -> Quantity:
    found = quantities(fold(text))
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("5 mg", "5mg"),
        ("5 mg", "0.005 g"),
        ("5 mcg", "5 µg"),
        ("5 mcg", "5 μg"),
        ("0.5 mg", "500 micrograms"),
        ("1 L", "10 dL"),
        ("1 dL", "100 mL"),
        ("140 mg/dL", "1.4 g/L"),
        ("2 days", "48 hours"),
        ("2 weeks", "14 days"),
        ("1 year", "12 months"),
        ("12 weeks", "twelve weeks"),
        ("twenty-one days", "3 weeks"),
        ("10 %", "10 percent"),
        ("1,234 patients", "1234 patients"),
        ("2·5 mg", "2.5 mg"),
        ("twice daily", "every 12 hours"),
        ("twice daily", "q12h"),
        ("bid", "2 times a day"),
        ("three times daily", "every 8 hours"),
        ("once weekly", "once a week"),
        ("once daily", "once a day"),
        ("two million people", "2,000,000 people"),
        ("3 × 10⁶ cells", "3 million cells"),
        ("half", "50%"),
        ("5-year survival", "5 years"),
        ("twofold", "2-fold"),
    ],
)
def test_two_spellings_of_one_quantity(a: str, b: str) -> None:
    assert one(a).same(one(b))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("5 mg", "50 mg"),
        ("5 mg", "5 mcg"),
        ("5 mg", "5 g"),
        ("5 mg", "5 mL"),
        ("5 days", "5 weeks"),
        ("37%", "37 people"),
        ("once daily", "twice daily"),
        ("every 8 hours", "every 12 hours"),
        ("5 mM", "5 mm"),
        ("−0.5 kg", "0.5 kg"),
        ("5 mg/kg", "5 mg"),
    ],
)
def test_two_quantities(a: str, b: str) -> None:
    assert not one(a).same(one(b))


@pytest.mark.parametrize("text", ["IL-6", "CYP2D6", "5-HT", "17q21", "HbA1c", "TNF-α", "p53", "COVID-19"])
def test_digits_in_a_name_are_no_quantity(text: str) -> None:
    assert quantities(fold(text)) == ()


@pytest.mark.parametrize("written", ["0.66-0.95", "0.66–0.95", "0.66 to 0.95", "0·66–0·95"])
def test_an_interval_knows_both_ends(written: str) -> None:
    found = quantities(fold(f"hazard ratio 0.79 (95% CI {written})"))
    assert [q.value for q in found] == [0.79, 95.0, 0.66, 0.95]
    assert [q.span for q in found[2:]] == [(0.66, 0.95)] * 2
    assert found[0].unit == ""


def test_an_interval_below_zero() -> None:
    found = quantities(fold("difference −0.5 (95% CI −1.2 to −0.3)"))
    assert [q.value for q in found] == [-0.5, 95.0, -1.2, -0.3]
    assert found[2].span == (-1.2, -0.3)


@pytest.mark.parametrize(
    ("text", "bound"),
    [
        ("p<0.05", "<"),
        ("P ≤ .001", "<"),
        ("at least 5 years", ">"),
        ("more than 100 genes", ">"),
        ("below 30 mL/min", "<"),
        ("65 years or older", ">"),
        ("about 20 people", "~"),
        ("20 people", ""),
    ],
)
def test_bounds(text: str, bound: str) -> None:
    assert one(text).bound == bound


def test_a_list_shares_its_last_unit() -> None:
    assert [q.unit for q in quantities("doses of 2.5, 5 and 10 mg")] == ["g"] * 3
    assert [q.unit for q in quantities("2.1 vs 3.1%")] == ["%"] * 2


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 10**7),
    st.integers(0, 3),
    st.sampled_from(["", " mg", "mg", "%", " weeks", " mmol/L"]),
)
def test_a_written_number_is_read_back(n: int, decimals: int, unit: str) -> None:
    value = n / 10**decimals
    plain = one(f"of {value:.{decimals}f}{unit} in")
    grouped = one(f"of {value:,.{decimals}f}{unit} in")
    assert close(plain.value / plain.factor, value) or value == 0
    assert plain.same(grouped)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80) | st.text("0123456789.,-+%/()<> x^mgCIptowsday", max_size=60))
def test_any_text_has_quantities_in_order(text: str) -> None:
    folded = fold(text)
    found = quantities(folded)
    assert all(0 <= q.start < q.end <= len(folded) for q in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
