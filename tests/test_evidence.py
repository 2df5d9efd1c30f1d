from assistant.evidence import choose
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
