import gzip
import json

import pytest

from assistant.errors import InputError, UsageError
from eval.data import load

CORPUS = [{"_id": f"d{i}", "title": f"Title {i}", "text": f"text {i}"} for i in range(1, 5)]
QUERIES = [{"_id": f"q{i}", "text": f"question {i}"} for i in range(1, 6)]
QRELS = "query-id\tcorpus-id\tscore\nq2\td1\t1\nq1\td2\t2\nq1\td3\t0\nq4\td4\t1\n"


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "tiny"
    write(root)
    return root


def write(root, corpus=CORPUS, queries=QUERIES, qrels=QRELS, split="test"):
    (root / "qrels").mkdir(parents=True, exist_ok=True)
    for name, records in (("corpus", corpus), ("queries", queries)):
        rows = [r if isinstance(r, str) else json.dumps(r) for r in records]
        (root / f"{name}.jsonl").write_text("\n".join(rows) + "\n", "utf-8")
    (root / "qrels" / f"{split}.tsv").write_text(qrels, "utf-8", newline="")


def test_reads_a_split(folder):
    data = load(folder, "test")
    assert (data.name, data.split, data.documents) == ("tiny", "test", 4)
    assert data.queries == {"q1": "question 1", "q2": "question 2", "q4": "question 4"}
    assert list(data.queries) == list(data.qrels) == ["q1", "q2", "q4"]  # the order of the queries file
    assert data.qrels["q1"] == {"d2": 2, "d3": 0}
    assert data.skipped == ()
    assert data.notes == ("2 queries have no judgement in test and are left out",)


def test_limit_takes_the_first_and_a_seed_samples(folder):
    assert list(load(folder, "test", limit=2).queries) == ["q1", "q2"]
    samples = {tuple(load(folder, "test", limit=2, seed=seed).queries) for seed in range(12)}
    assert len(samples) > 1
    assert load(folder, "test", limit=2, seed=4).queries == load(folder, "test", limit=2, seed=4).queries
    assert list(load(folder, "test", limit=99).queries) == ["q1", "q2", "q4"]
    with pytest.raises(UsageError, match="at least 1"):
        load(folder, "test", limit=0)


@pytest.mark.parametrize(
    "qrels",
    [
        QRELS.replace("\n", "\r\n"),
        "\ufeff" + QRELS,
        QRELS.partition("\n")[2],  # no header
        "\ufeff" + QRELS.partition("\n")[2],
        "q2 0 d1 1\nq1 0 d2 2\nq1 0 d3 0\nq4 0 d4 1\n",  # TREC
        "q2\t0\td1\t1\n\nq1\t0\td2\t2\nq1\t0\td3\t0\nq4\t0\td4\t1.0",
    ],
)
def test_forms_of_qrels(folder, qrels):
    plain = load(folder, "test")
    write(folder, qrels=qrels)
    assert load(folder, "test") == plain


def test_byte_order_mark_crlf_and_gzip(folder):
    plain = load(folder, "test")
    queries = folder / "queries.jsonl"
    queries.write_bytes(b"\xef\xbb\xbf" + queries.read_bytes().replace(b"\n", b"\r\n"))
    with gzip.open(folder / "corpus.jsonl.gz", "wb") as file:
        file.write((folder / "corpus.jsonl").read_bytes())
    (folder / "corpus.jsonl").unlink()
    data = load(folder, "test")
    assert (data.queries, data.qrels, data.documents) == (plain.queries, plain.qrels, 4)
    assert data.digest != plain.digest


def test_truncated_gzip_is_one_line(folder):
    (folder / "corpus.jsonl").unlink()
    packed = gzip.compress(b'{"_id": "d1", "text": "x"}\n' * 50)
    (folder / "corpus.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    with pytest.raises(InputError, match=r"corpus\.jsonl\.gz: cannot be read to its end"):
        load(folder, "test")


def test_missing_split_lists_the_others(folder):
    write(folder, split="dev")
    with pytest.raises(InputError, match="no split 'train'; there are: dev, test"):
        load(folder, "train")
    with pytest.raises(InputError, match="no split"):
        load(folder, "../qrels/test")


@pytest.mark.parametrize("name", ["corpus.jsonl", "queries.jsonl"])
def test_missing_file(folder, name):
    (folder / name).unlink()
    with pytest.raises(InputError, match=f"no {name}"):
        load(folder, "test")


def test_unknown_query_is_an_error_with_its_line(folder):
    write(folder, qrels=QRELS + "q9\td1\t1\n")
    with pytest.raises(InputError, match=r"test\.tsv line 6: query 'q9' is not in .*queries\.jsonl"):
        load(folder, "test")


def test_unknown_query_points_at_broken_query_lines(folder):
    write(folder, queries=[*QUERIES[1:], '{"_id": "q1", "text"'])
    with pytest.raises(InputError, match=r"query 'q1' .*\(line 5 there could not be read\)"):
        load(folder, "test")


def test_unknown_document_counts_and_is_shown(folder):
    write(folder, qrels=QRELS + "q4\tgone\t3\n")
    data = load(folder, "test")
    assert data.qrels["q4"] == {"d4": 1, "gone": 3}
    assert "1 judgements name a document that the corpus lacks, first q4 gone" in data.notes


def test_two_queries_with_one_id(folder):
    write(folder, queries=[*QUERIES, {"_id": "q2", "text": "again"}])
    with pytest.raises(InputError, match="lines 2 and 6 have one _id, 'q2'"):
        load(folder, "test")


def test_documents_that_repeat_an_id_are_counted(folder):
    write(folder, corpus=[*CORPUS, CORPUS[0]])
    data = load(folder, "test")
    assert data.documents == 4
    assert "1 lines of corpus.jsonl repeat the _id of another" in data.notes


def test_broken_lines_are_counted_and_shown(folder):
    write(
        folder,
        corpus=[*CORPUS, '{"_id": "d9"', '{"title": "x"}', "[1]", '{"_id": null, "text": "x"}'],
        queries=[*QUERIES, '{"_id": "q7", "text": " "}'],
        qrels=QRELS + "q1\td1\nq1\td1\thigh\nq1\td1\t0.5\n",
    )
    data = load(folder, "test")
    assert len(data.queries) == 3
    places = [(s.source.rpartition("/")[2], s.place) for s in data.skipped]
    assert places == [
        ("queries.jsonl", "line 6"),
        *(("test.tsv", f"line {n}") for n in (6, 7, 8)),
        *(("corpus.jsonl", f"line {n}") for n in (5, 6, 7, 8)),
    ]
    assert all(s.reason for s in data.skipped)


def test_negative_and_zero_grades(folder):
    write(folder, qrels="q1\td1\t-1\nq2\td2\t0\nq4\td4\t1\n")
    data = load(folder, "test")
    assert data.qrels == {"q1": {"d1": -1}, "q2": {"d2": 0}, "q4": {"d4": 1}}
    assert "2 judged queries have no relevant document and score 0" in data.notes


def test_repeated_judgements(folder):
    write(folder, qrels=QRELS + "q4\td4\t1\n")
    assert "1 judgements stand twice in test.tsv and count once" in load(folder, "test").notes
    write(folder, qrels=QRELS + "q4\td4\t2\n")
    with pytest.raises(InputError, match="line 6: q4 d4 has two grades, 1 and 2"):
        load(folder, "test")


def test_ids_with_white_space_are_refused(folder):
    write(folder, corpus=[*CORPUS, {"_id": "d 9", "text": "x"}])
    with pytest.raises(InputError, match="line 5: _id 'd 9' has white space"):
        load(folder, "test")


@pytest.mark.parametrize("qrels", ["", "query-id\tcorpus-id\tscore\n", "nonsense\n\x00\xff"])
def test_no_judgement_at_all(folder, qrels):
    write(folder, qrels=qrels)
    with pytest.raises(InputError, match="no judgement could be read"):
        load(folder, "test")


def test_no_document_at_all(folder):
    write(folder, corpus=["nothing"])
    with pytest.raises(InputError, match="no document could be read"):
        load(folder, "test")
