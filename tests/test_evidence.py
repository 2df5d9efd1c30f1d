from assistant.evidence import choose, pinned_first, with_pinned
from assistant.index.engine import Where, spoken
from tests.build import hit


def test_numbers_follow_the_ranking() -> None:
    hits = [hit(f"text {i}", document=f"file:{i}") for i in range(8)]
    chosen = choose(hits, 5)
    assert [e.n for e in chosen] == [1, 2, 3, 4, 5]
    assert [e.hit for e in chosen] == hits[:5]


def test_at_most_two_passages_of_one_document() -> None:
    hits = [hit(f"text {i}", document="file:long", start=10 * i) for i in range(4)] + [
        hit("other", document="file:b")
    ]
    assert [e.hit.chunk.text for e in choose(hits, 5)] == ["text 0", "text 1", "other"]


def test_the_same_words_from_two_files_are_taken_once() -> None:
    hits = [hit("Same  words here", document="file:a"), hit("same words here", document="file:b")]
    assert len(choose(hits, 5)) == 1


def test_what_is_pinned_comes_first_and_is_never_lost() -> None:
    pool = [hit(f"text {i}", document=f"file:{i}") for i in range(4)]
    gone = hit("not found again", document="file:gone")
    wide = with_pinned(pool, [pool[2], gone])
    assert [h.chunk.id for h in wide] == [h.chunk.id for h in (*pool, gone)]
    chosen = choose(pinned_first(wide, [gone, pool[2]]), 3)
    assert [e.hit.chunk.text for e in chosen] == ["text 2", "not found again", "text 0"]
    assert [e.n for e in chosen] == [1, 2, 3]


def test_a_narrowed_search_is_said_in_words() -> None:
    assert spoken(Where(include_retracted=True)) == ""
    assert spoken(Where(designs=("meta-analysis", "randomised trial"), years=(2015, None))) == (
        "meta-analysis or randomised trial; published 2015 or later"
    )
    assert spoken(Where(years=(2015, 2015))) == "published in 2015"
    assert spoken(Where(years=(2015, 2020))) == "published 2015 to 2020"
    assert spoken(Where(years=(None, 2020), without=("file:a", "file:b"))) == (
        "published 2020 or earlier; without file:a, file:b"
    )
    assert spoken(Where(documents=("pubmed:1",))) == "only pubmed:1"
