"""The spec language: what it accepts, its normal form, and how it answers a wrong spec."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import ConfigError
from rerankers.spec import Cached, Cascade, Fallback, Fusion, Name, Spec, names, parse

few = settings(max_examples=60, deadline=None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("minilm", Name("minilm")),
        ("~/models/x-1.2", Name("~/models/x-1.2")),
        (r"C:\models\x", Name(r"C:\models\x")),
        ('"my folder, (old)"', Name("my folder, (old)")),
        ('"a ""b"" c"', Name('a "b" c')),
        ('"cascade"', Name("cascade")),
        ("cascade[a]", Name("cascade[a]")),
        ("cascade(late@100>20,medcpt)", Cascade(Name("late"), 100, 20, Name("medcpt"))),
        (
            " cascade ( late @ 100 > 20 , cached( medcpt ) ) ",
            Cascade(Name("late"), 100, 20, Cached(Name("medcpt"))),
        ),
        ("fusion(late)", Fusion(Name("late"))),
        ("fusion(late,weights.json)", Fusion(Name("late"), "weights.json")),
        ('fusion(late,"my weights.json")', Fusion(Name("late"), "my weights.json")),
        ("fallback(a)", Fallback((Name("a"),))),
        ("fallback(a,fusion(b),c)", Fallback((Name("a"), Fusion(Name("b")), Name("c")))),
    ],
)
def test_a_spec_is_read(text: str, expected: Spec) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "position 0: expected a name or one of cascade, fusion, fallback, cached"),
        ("cascade(late@100>20", "position 19: expected ,"),
        ("cascade(late@100>20)", "position 19: expected ,"),
        ("cascade(late)", "position 12: expected @ and a number of passages"),
        ("cascade(late@100,x)", "position 16: expected > and a smaller number"),
        ("cascade(late@20>100,x)", "position 16: expected a number from 1 to 20"),
        ("cascade(late@0>0,x)", "position 13: expected a number from 1 to 10000"),
        ("cascade(late@x>2,x)", "position 13: expected a number"),
        ("cascade(late@100>20,medcpt", "position 26: expected )"),
        ("cascade", "position 7: expected (, as in cascade(fast@100>20,precise)"),
        ("fusion()", "position 7: expected a name"),
        ("fusion(a,)", "position 9: expected a file"),
        ("fusion(a", "position 8: expected , or )"),
        ("fusion(a,b", "position 10: expected )"),
        ("fallback(a b)", "position 11: expected , or )"),
        ("cached(a,b)", "position 8: expected )"),
        ("minilm)", "position 6: expected the end"),
        ("my folder", 'position 3: expected the end (a name with other signs stands in ""'),
        ('"open', 'position 0: expected a closing "'),
        ('""', "position 0: expected a name"),
        ("fuse(a)", "position 4: expected no parenthesis: there is no fuse(...), only cascade"),
    ],
)
def test_a_wrong_spec_is_answered_with_place_and_remedy(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as told:
        parse(text)
    assert message in str(told.value)
    assert "\n" not in str(told.value)


def test_depth_is_bounded() -> None:
    assert str(parse("cached(" * 20 + "a" + ")" * 20)).startswith("cached(cached(")
    with pytest.raises(ConfigError, match="at most 20 compositions"):
        parse("cached(" * 5000 + "a" + ")" * 5000)


def _specs() -> st.SearchStrategy[Spec]:
    leaf: st.SearchStrategy[Spec] = st.builds(Name, st.text(min_size=1, max_size=8))

    def composed(part: st.SearchStrategy[Spec]) -> st.SearchStrategy[Spec]:
        numbers = st.tuples(st.integers(1, 10_000), st.integers(1, 10_000)).map(lambda n: (max(n), min(n)))
        return st.one_of(
            st.builds(lambda a, n, b: Cascade(a, *n, b), part, numbers, part),
            st.builds(Fusion, part, st.text(max_size=8)),
            st.builds(lambda parts: Fallback(tuple(parts)), st.lists(part, min_size=1, max_size=3)),
            st.builds(Cached, part),
        )

    return st.recursive(leaf, composed, max_leaves=5)


@few
@given(_specs())
def test_the_normal_form_is_read_back(spec: Spec) -> None:
    assert parse(str(spec)) == spec


@few
@given(st.lists(_specs(), max_size=4))
def test_a_list_is_divided_at_the_top_only(specs: list[Spec]) -> None:
    assert names(", ".join(map(str, specs))) == [str(s) for s in specs]


@few
@given(st.one_of(st.text(max_size=40), st.text(alphabet='cached(fusion,@>") \n1', max_size=40)))
def test_any_text_is_read_or_a_config_error(text: str) -> None:
    for read in (parse, names):
        try:
            read(text)
        except ConfigError as error:
            assert "position" in str(error)  # noqa: PT017 - either outcome is right


def test_a_list_as_people_write_it() -> None:
    assert names("none, cascade(b@100>20, c) ,fusion(late),") == [
        "none",
        "cascade(b@100>20,c)",
        "fusion(late)",
    ]
    assert names("") == []
    with pytest.raises(ConfigError, match="position 3: expected , or the end"):
        names("my folder,none")
