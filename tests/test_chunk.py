import re
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.types import Chunk, Document, Metadata, Origin, Section, passage
from ingest.chunk import SPECIAL_TOKENS, chunk


def words(texts: Sequence[str]) -> list[int]:
    return [len(text.split()) for text in texts]


def odd(texts: Sequence[str]) -> list[int]:
    """Not additive: characters in steps of seven, and one more for each capital run."""
    return [len(text) // 7 + len(re.findall("[A-Z]+", text)) for text in texts]


def document(*texts: str, title: str = "A title", heading: str = "Dosing") -> Document:
    origin = Origin(path="x.txt", format="text")
    sections = tuple(Section(heading=heading, text=text, page=n + 1) for n, text in enumerate(texts))
    return Document(id="file:x", metadata=Metadata(title=title, origin=origin), sections=sections)


def sizes(chunks: Sequence[Chunk]) -> list[int]:
    return words([c.text for c in chunks])


def covered_once(document: Document, chunks: Sequence[Chunk]) -> bool:
    """Every character but white space in exactly one chunk, in order."""
    whole = "".join("".join(section.text.split()) for section in document.sections)
    ends = [(c.section, c.start, c.end) for c in chunks]
    apart = all((a[0], a[2]) <= (b[0], b[1]) for a, b in pairwise(ends))
    return apart and whole == "".join("".join(c.text.split()) for c in chunks)


sentence = st.lists(st.text("abcXY αé1.,-", min_size=1, max_size=12), min_size=1, max_size=12).map(
    lambda parts: " ".join(parts) + ". "
)
section = st.lists(
    st.one_of(sentence, st.sampled_from(["\n\n", "\n- ", "x" * 90, " \t", "| a | b |\n"])), min_size=1
)
texts = st.lists(section.map("".join).filter(str.strip), min_size=1, max_size=3)


@pytest.mark.parametrize("count", [words, odd])
@given(texts=texts, max_tokens=st.integers(8, 60), title=st.sampled_from(["", "A title", "Long " * 30]))
@settings(max_examples=60, deadline=None)
def test_nothing_is_lost_or_doubled_and_all_stays_within_the_limit(count, texts, max_tokens, title):
    source = document(*texts, title=title)
    chunks = chunk(source, count, max_tokens)
    assert covered_once(source, chunks)
    for c in chunks:
        assert source.sections[c.section].text[c.start : c.end] == c.text == c.text.strip() != ""
        assert c.id == f"file:x#{c.section}:{c.start}-{c.end}"
        head = count([passage(title, c.heading, "")])[0]
        limit = max(max_tokens - SPECIAL_TOKENS, head + max_tokens // 3)
        assert count([passage(title, c.heading, c.text)])[0] <= limit or len(c.text) == 1
    assert chunks == chunk(source, count, max_tokens)


def test_sentences_are_packed_up_to_the_limit():
    # Head: 3 words. 16 - 3 special - 3 = 10 words of text a chunk: two sentences.
    chunks = chunk(document("One two three four. " * 6), words, 16)
    assert sizes(chunks) == [8, 8, 8]
    assert chunks[0].text == "One two three four. One two three four."


def test_a_small_remainder_is_evened_out_with_its_neighbour():
    chunks = chunk(document("Aa bb. " * 6), words, 16)  # greedily 10 and 2
    assert sizes(chunks) == [6, 6]


def test_no_chunk_crosses_a_section_and_each_keeps_heading_and_page():
    chunks = chunk(document("First. Second.", "Third."), words, 50)
    assert [(c.section, c.heading, c.page, c.text) for c in chunks] == [
        (0, "Dosing", 1, "First. Second."),
        (1, "Dosing", 2, "Third."),
    ]


def test_a_sentence_longer_than_the_limit_is_cut_between_words():
    text = " ".join(f"w{i}" for i in range(100))
    chunks = chunk(document(text), words, 16)
    assert max(sizes(chunks)) <= 10
    assert " ".join(c.text for c in chunks) == text


def test_a_word_longer_than_the_limit_is_cut_between_characters():
    source = document("ACGT" * 200)
    chunks = chunk(source, lambda texts: [len(text) for text in texts], 40)
    assert len(chunks) > 20
    assert covered_once(source, chunks)


def test_one_endless_token_is_bounded_in_characters():
    source = document("x" * 10_000)
    chunks = chunk(source, words, 32)
    assert max(len(c.text) for c in chunks) <= 32 * 16
    assert covered_once(source, chunks)


def test_a_long_head_does_not_starve_the_text():
    chunks = chunk(document("One two three four five six. " * 3, title="long " * 50), words, 18)
    assert sizes(chunks) == [6, 6, 6]


def test_sentences_of_all_sections_are_counted_in_one_call():
    calls: list[int] = []

    def counting(texts: Sequence[str]) -> list[int]:
        calls.append(len(texts))
        return words(texts)

    chunk(document("One. Two. Three.", "Four."), counting, 50)
    assert calls == [2, 4, 2]  # heads, sentences, and the chunks to be sure


def test_a_large_section_takes_linear_time():
    units = 0

    def counting(texts: Sequence[str]) -> list[int]:
        nonlocal units
        units += sum(map(len, texts))
        return words(texts)

    source = document("Give five milligrams daily with food. " * 10_000)
    # 256 - 3 special - 3 of the head = 250 words: 41 sentences of six words a chunk.
    assert len(chunk(source, counting, 256)) == 244
    assert units < 4 * len(source.sections[0].text)


def test_a_limit_without_room_is_refused():
    with pytest.raises(ValueError, match="at least 8"):
        chunk(document("Text."), words, 7)
