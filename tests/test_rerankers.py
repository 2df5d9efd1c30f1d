"""The contract of every reranker, and what is particular to cross-encoders and combinations."""

import math
import shutil
import socket
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import rerankers
from assistant import models
from assistant.config import Settings
from assistant.errors import (
    ConfigError,
    EgressRefused,
    ModelError,
    ModelMissing,
    PackageMissing,
    ServiceError,
)
from assistant.types import Chunk, Egress, Hit, Metadata, Origin, Scores, hit_passage, passage
from rerankers.base import KeepOrder, Reranker, Scored, WordOverlap
from rerankers.catalog import BY_ID, RERANKERS
from rerankers.cohere import Cohere
from rerankers.combine import Fallback
from rerankers.cross_encoder import CrossEncoder
from rerankers.late import Late
from rerankers.llm import LLM
from rerankers.pair_reader import OnTorch
from tests import tiny
from tests.local_service import CHAT, RERANK, by_length, good, serving, writes

TEXTS = [
    "Warfarin | Dose\nThe dose of warfarin in the child.",
    "\nsepsis",
    "Ψυχή | β-блокатор\n高血压 😀 5 µg",
    "",
    "\n",
    "Insulin\n" + "insulin for the heart " * 300,
    "Aspirin\naspirin is for the heart.",
]
COMPOSED = [
    "cascade(minilm@4>2,medcpt)",
    "fusion(minilm)",
    "fallback(pubmedbert,minilm)",
    "cached(minilm)",
    "fusion(cascade(cached(minilm)@5>3,fallback(bge-large,none)))",
]
OTHERS = ["overlap", "none", "fallback", "auto", "late", "cohere", "llm", "llm-listwise"]
CROSS = [e.id for e in RERANKERS if e.kind == "cross-encoder"]


def hit(text: str, number: int = 0) -> Hit:
    chunk = Chunk(
        id=f"t:{number}#0:0-{len(text)}",
        document_id=f"t:{number}",
        section=0,
        heading="",
        start=0,
        end=len(text),
        text=text,
    )
    return Hit(chunk=chunk, metadata=Metadata(title="T", origin=Origin(path="t", format="text")))


def hits(*texts: str) -> list[Hit]:
    return [hit(text, number) for number, text in enumerate(texts)]


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A models folder in which every cross-encoder of the catalogue is installed, tiny."""
    folder = tmp_path_factory.mktemp("models")
    tiny.bert_reranker(folder / "medcpt", pickled=True)
    tiny.bert_reranker(folder / "pubmedbert")
    tiny.bert_reranker(folder / "minilm")
    tiny.roberta_reranker(folder / "bge-m3")
    tiny.deberta_reranker(folder / "mxbai-large")
    shutil.copytree(folder / "minilm", folder / "minilm-l12")
    shutil.copytree(folder / "bge-m3", folder / "bge-large")
    tiny.jina_reranker(folder / "jina-v2", folder / "bge-m3")
    tiny.bert_encoder(folder / "encoder")
    return folder


@pytest.fixture(scope="session")
def services() -> Iterator[dict[str, Any]]:
    """Settings under which the hosted rerankers ask servers of this machine."""
    with serving(RERANK, good) as cohere, serving(CHAT, writes(by_length)) as chat:
        yield {
            "egress": ("cohere", "llm"),
            "cohere_api_key": "k",
            "cohere_url": cohere.url,
            "llm_url": f"{chat.url}/v1",
            "llm_model": "house",
        }


@pytest.fixture(scope="session")
def loaded(installed: Path, services: dict[str, Any]) -> Callable[[str], Reranker]:
    here = {"models": installed, "cache": installed}
    late = Settings(**here, late_encoder=str(installed / "encoder"))
    hosted = Settings(**here, **services)
    made: dict[str, Reranker] = {}

    def load(name: str) -> Reranker:
        if name not in made:
            made[name] = {
                "overlap": lambda: WordOverlap(),
                "none": lambda: KeepOrder(),
                "fallback": lambda: Fallback(Broken(ModelMissing("gone")), WordOverlap()),
                "late": lambda: Late(late),
                "cohere": lambda: Cohere(hosted),
                "llm": lambda: LLM(hosted),
                "llm-listwise": lambda: LLM(hosted, "listwise"),
            }.get(name, lambda: rerankers.load(name, Settings(models=installed, cache=installed)))()
        return made[name]

    return load


class Broken(Reranker):
    """Raises what it was given, and counts how often it was asked."""

    def __init__(self, error: Exception, name: str = "broken") -> None:
        self.name, self.error, self.calls = name, error, 0

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        self.calls += 1
        raise self.error


class Fixed(Reranker):
    name = "fixed"

    def __init__(self, *scores: float) -> None:
        self.scores = scores

    def score(self, query: str, passages: Sequence[str]) -> list[float]:
        return list(self.scores)


# The contract


@pytest.mark.parametrize("name", [*CROSS, *COMPOSED, *OTHERS])
class TestContract:
    def test_one_finite_score_a_passage(self, name: str, loaded: Callable[[str], Reranker]) -> None:
        scores = loaded(name).score("warfarin in the child", TEXTS)
        assert len(scores) == len(TEXTS)
        assert all(type(s) is float and math.isfinite(s) for s in scores)

    def test_nothing_in_nothing_out(self, name: str, loaded: Callable[[str], Reranker]) -> None:
        assert loaded(name).score("warfarin", []) == []
        assert loaded(name).rerank("warfarin", []).hits == ()

    def test_the_same_again(self, name: str, loaded: Callable[[str], Reranker]) -> None:
        assert loaded(name).score("sepsis", TEXTS) == loaded(name).score("sepsis", TEXTS)

    def test_an_empty_and_a_long_question(self, name: str, loaded: Callable[[str], Reranker]) -> None:
        for question in ("", "what is the dose " * 200):
            assert all(map(math.isfinite, loaded(name).score(question, TEXTS)))

    def test_rerank_sorts_cuts_and_names(self, name: str, loaded: Callable[[str], Reranker]) -> None:
        pool = hits(*(t or "x" for t in TEXTS))
        before = list(pool)
        ranking = loaded(name).rerank("warfarin in the child", pool, top_k=4)
        scores = [h.scores.rerank for h in ranking.hits]
        assert scores == sorted(scores, key=lambda s: -(s or 0.0))
        assert [h.ranks.rerank for h in ranking.hits] == [1, 2, 3, 4]
        assert ranking.ranked_by
        assert ranking.milliseconds >= 0
        assert pool == before


@pytest.mark.parametrize("name", CROSS)
def test_a_score_does_not_depend_on_its_batch(name: str, loaded: Callable[[str], Reranker]) -> None:
    reranker = loaded(name)
    texts = [f"dose {'mg ' * n}" for n in range(40)] + TEXTS
    together = reranker.score("what is the dose", texts)
    alone = [reranker.score("what is the dose", [text])[0] for text in texts[::6]]
    assert together[::6] == pytest.approx(alone, abs=1e-4)
    assert len(set(together)) > 20


@settings(max_examples=15, deadline=None)
@given(texts=st.lists(st.text(max_size=60), max_size=6), question=st.text(max_size=60))
def test_any_text_gets_a_score(installed: Path, texts: list[str], question: str) -> None:
    scores = TINY(installed).score(question, texts)
    assert len(scores) == len(texts)
    assert all(map(math.isfinite, scores))


def TINY(installed: Path, made: dict[Path, Reranker] = {}) -> Reranker:  # noqa: B006, N802 - one for all examples
    return made.setdefault(installed, CrossEncoder("minilm", models=installed))


# The base


def test_ties_keep_the_incoming_order() -> None:
    ranking = Fixed(1.0, 2.0, 1.0, 2.0).rerank("q", hits("a", "b", "c", "d"))
    assert [h.chunk.text for h in ranking.hits] == ["b", "d", "a", "c"]


@pytest.mark.parametrize("scores", [(math.nan, 1.0), (math.inf, 1.0), (1.0,), (1.0, 2.0, 3.0)])
def test_unusable_scores_are_an_error(scores: tuple[float, ...]) -> None:
    with pytest.raises(ModelError, match="fixed"):
        Fixed(*scores).rerank("q", hits("a", "b"))


def test_no_hits_are_ranked_by_no_one() -> None:
    assert WordOverlap().rerank("q", []).ranked_by == "none"


# Cross-encoders


@pytest.mark.parametrize("name", ["medcpt", "minilm", "bge-m3", "mxbai-large"])
def test_the_logits_of_sentence_transformers(
    name: str, installed: Path, loaded: Callable[[str], Reranker]
) -> None:
    import torch
    from sentence_transformers import CrossEncoder as Reference

    reference = Reference(
        str(installed / name),
        max_length=64,
        device="cpu",
        local_files_only=True,
        activation_fn=torch.nn.Identity(),
    )
    texts = [t for t in TEXTS if 0 < len(t.split()) < 20]
    expected = reference.predict([("warfarin in the child", t) for t in texts], show_progress_bar=False)
    ours = CrossEncoder(name, models=installed, max_tokens=64, precision="f32").score(
        "warfarin in the child", texts
    )
    assert ours == pytest.approx(expected.tolist(), abs=1e-4)


@pytest.mark.parametrize("name", ["medcpt", "minilm", "bge-m3"])
def test_the_engine_scores_like_torch(name: str, installed: Path) -> None:
    """The same windows, the same logits: in float32 to 1e-4, in bfloat16 to a tenth."""
    query, pool = "what is the dose of warfarin " * 30, hits(*(text or "x" for text in TEXTS))
    on_torch = CrossEncoder(name, models=installed, max_tokens=64)
    on_torch._reader = OnTorch(installed / name, max_tokens=64)
    expected = on_torch.judge(query, pool)
    for precision, near in (("f32", 1e-4), ("bf16", 0.1)):
        ours = CrossEncoder(name, models=installed, max_tokens=64, precision=precision)  # type: ignore[arg-type]
        found = ours.judge(query, pool)
        assert found.scores == pytest.approx(expected.scores, abs=near)
        assert (found.degraded, found.notes) == (expected.degraded, expected.notes)
        assert (ours.revision[-7:], on_torch.revision[-6:]) == ("/engine", "/torch")


def test_why_it_is_not_the_engine_is_said_once(installed: Path) -> None:
    reranker = CrossEncoder("mxbai-large", models=installed)
    notes = [reranker.judge("dose", hits("a")).notes for _ in range(2)]
    assert notes == [
        (
            "mxbai-large runs on torch, not on the faster engine: its architecture is deberta-v2, "
            "not one of bert, roberta, xlm-roberta",
        ),
        (),
    ]


def test_half_a_character_is_no_obstacle(installed: Path) -> None:
    for name in ("minilm", "mxbai-large"):
        assert CrossEncoder(name, models=installed).score("dose \ud800", ["\udfff", "a"])


def test_the_jina_layout_scores_like_its_twin_and_runs_no_code(
    installed: Path, loaded: Callable[[str], Reranker]
) -> None:
    twin, on_torch = CrossEncoder("bge-m3", models=installed), OnTorch(installed / "bge-m3", max_tokens=512)
    twin._reader = on_torch
    on_torch._model.bfloat16().float()  # the precision that the Jina weights are stored in
    ours = loaded("jina-v2").score("what is the dose", TEXTS)
    assert ours == pytest.approx(twin.score("what is the dose", TEXTS), abs=1e-5)
    assert ours != loaded("bge-m3").score("what is the dose", TEXTS)


def test_a_jina_layout_with_other_names_is_refused(installed: Path, tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = shutil.copytree(installed / "jina-v2", tmp_path / "other")
    stored = load_file(folder / "model.safetensors")
    save_file({k.replace("norm1", "first_norm"): v for k, v in stored.items()}, folder / "model.safetensors")
    with pytest.raises(ModelError, match="another layout"):
        CrossEncoder(str(folder), models=tmp_path).score("q", ["a"])


def test_two_labels_are_refused(tmp_path: Path) -> None:
    folder = tiny.bert_reranker(tmp_path / "nli", labels=2)
    with pytest.raises(ModelError, match="one label, this model has 2"):
        CrossEncoder(str(folder), models=tmp_path).score("q", ["a"])


def test_a_missing_head_is_refused(tmp_path: Path) -> None:
    folder = tiny.bert_encoder(tmp_path / "body")
    config = folder / "config.json"
    config.write_text(config.read_text().replace("{", '{"id2label": {"0": "x"}, "label2id": {"x": 0},', 1))
    with pytest.raises(ModelError, match="not complete, 2 weights are missing"):
        CrossEncoder(str(folder), models=tmp_path).score("q", ["a"])


def test_damaged_weights_are_an_error_of_ours(installed: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(installed / "minilm", tmp_path / "cut")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(ModelError, match="cannot be loaded"):
        CrossEncoder(str(folder), models=tmp_path).score("q", ["a"])


def test_a_local_folder_is_named_after_its_last_part(installed: Path) -> None:
    ranking = rerankers.load(str(installed / "pubmedbert")).rerank("dose", hits("a", "b"))
    assert ranking.ranked_by == "pubmedbert"


def test_loading_is_silent(installed: Path, capfd: pytest.CaptureFixture[str]) -> None:
    CrossEncoder("bge-m3", models=installed).score("q", ["a", "word " * 900])
    assert capfd.readouterr() == ("", "")


# Names


def test_every_reranker_of_the_catalogue_can_be_named(tmp_path: Path) -> None:
    for entry in RERANKERS:
        assert rerankers.load(entry.id, Settings(models=tmp_path)).name == entry.id


def test_an_unknown_name_lists_the_known() -> None:
    with pytest.raises(ConfigError, match=r"bert4ever.*auto, medcpt, pubmedbert, minilm.*none"):
        rerankers.load("bert4ever")


def test_an_encoder_is_not_a_reranker() -> None:
    with pytest.raises(ConfigError, match="no such reranker"):
        rerankers.load("medcpt-query")


def test_a_missing_model_names_the_command(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing, match="medcpt is not installed: assistant models pull medcpt"):
        rerankers.load("medcpt", Settings(models=tmp_path)).score("q", ["a"])


# Fallback


def test_fallback_takes_the_first_that_works() -> None:
    fallback = Fallback(Broken(ModelMissing("a is not installed: pull a")), WordOverlap())
    ranking = fallback.rerank("dose of warfarin", hits("nothing", "the dose"))
    assert ranking.ranked_by == "overlap"
    assert ranking.degraded == ("a is not installed: pull a",)
    assert [h.chunk.text for h in ranking.hits] == ["the dose", "nothing"]


def test_fallback_ends_in_the_last_resort() -> None:
    ranking = Fallback(Broken(ModelMissing("a"))).rerank("q", hits("x", "y"))
    assert (ranking.ranked_by, ranking.degraded) == ("none", ("a",))
    assert [h.chunk.text for h in ranking.hits] == ["x", "y"]
    assert (
        Fallback(Broken(ModelMissing("a")), last=WordOverlap()).rerank("q", hits("x")).ranked_by == "overlap"
    )


@pytest.mark.parametrize(
    ("error", "calls"),
    [
        (ModelMissing("a"), 1),
        (ModelError("a"), 1),
        (PackageMissing("a"), 1),
        (EgressRefused("a"), 1),
        (ServiceError("a", retryable=True), 3),
        (ServiceError("a", retryable=False), 3),
    ],
)
def test_fallback_remembers_what_is_missing_and_asks_services_again(error: Exception, calls: int) -> None:
    broken = Broken(error)
    fallback = Fallback(broken, WordOverlap())
    reasons = {fallback.rerank("q", hits("x")).degraded for _ in range(3)}
    assert len(reasons) == 1
    assert broken.calls == calls


def test_fallback_passes_over_scores_that_are_no_numbers() -> None:
    ranking = Fallback(Fixed(math.nan), WordOverlap()).rerank("q", hits("x"))
    assert ranking.ranked_by == "overlap"
    assert ranking.degraded == ("fixed cannot be used, its files are damaged: assistant models check",)


def test_a_reader_sees_no_service_key_or_setting() -> None:
    for error in (
        ServiceError("cohere: the key was refused (401); check ASSISTANT_COHERE_API_KEY"),
        EgressRefused('cohere: allow it with egress = ["cohere"]'),
        PackageMissing("cohere is not installed: pip install cohere"),
    ):
        (told,) = Fallback(Broken(error, name="cohere")).rerank("q", hits("x")).degraded
        assert not {"cohere", "key", "egress", "ASSISTANT_COHERE_API_KEY"} & set(told.split())


def test_what_a_failed_service_was_sent_still_shows() -> None:
    error = ServiceError("cohere: busy", retryable=True, sent="the question and 1 passages")
    ranking = Fallback(Broken(error, name="cohere"), WordOverlap()).rerank("q", hits("x"))
    assert ranking.egress == (Egress(service="cohere", what="the question and 1 passages"),)


def test_a_bug_is_not_passed_over() -> None:
    with pytest.raises(ZeroDivisionError):
        Fallback(Broken(ZeroDivisionError()), WordOverlap()).rerank("q", hits("x"))


def test_fallback_keeps_the_reasons_of_its_parts() -> None:
    inner = Fallback(Broken(ModelMissing("inner")), WordOverlap(), name="inner")
    ranking = Fallback(Broken(ModelMissing("outer")), inner).rerank("q", hits("x"))
    assert ranking.degraded == ("outer", "inner")
    assert ranking.ranked_by == "overlap"


def test_fallback_agrees_with_itself_on_strings_and_hits() -> None:
    fallback = Fallback(Broken(ModelMissing("a")), WordOverlap())
    pool = hits("dose of warfarin", "x")
    assert fallback.score("dose", [hit_passage(h) for h in pool]) == list(fallback.judge("dose", pool).scores)
    assert isinstance(fallback.judge("dose", pool), Scored)


def bare(tmp_path: Path) -> Settings:
    return Settings(models=tmp_path, cache=tmp_path / "cache")


def test_auto_on_a_bare_machine_ranks_by_the_bundled_model_and_says_what_to_install(
    tmp_path: Path,
) -> None:
    scores = Scores(bm25=1.0, dense=0.5)
    pool = [replace(h, scores=scores) for h in hits("Asthma in adults.", "The usual dose of warfarin.")]
    ranking = rerankers.load("auto", bare(tmp_path)).rerank("dose of warfarin", pool)
    assert ranking.ranked_by == "bundled"
    assert ranking.hits[0].chunk.text == "The usual dose of warfarin."
    assert len(ranking.degraded) == 3
    assert ranking.degraded[0] == "medcpt is not installed: assistant models pull medcpt"
    assert ranking.degraded[1].startswith("pubmedbert is not installed: ")
    assert ranking.degraded[2] == "minilm is not installed: assistant models pull minilm"


def test_auto_takes_the_second_when_only_it_is_there(tmp_path: Path) -> None:
    tiny.bert_reranker(tmp_path / "pubmedbert")
    ranking = rerankers.load("auto", bare(tmp_path)).rerank("dose", hits("x", "y"))
    assert ranking.ranked_by == "pubmedbert"
    assert len(ranking.degraded) == 1


def test_looking_for_models_opens_no_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **kwargs: object) -> None:
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert rerankers.load("auto", bare(tmp_path)).rerank("q", hits("x")).ranked_by == "bundled-ce"


# Real weights, where they are

TRIPLES = [
    (
        "How is warfarin reversed in major bleeding?",
        "In major bleeding on warfarin, give four-factor prothrombin complex concentrate with vitamin K.",
        "Warfarin is started at a low dose in old age, and the INR is checked after three days.",
    ),
    (
        "Which antibiotic treats group A streptococcal pharyngitis?",
        "Penicillin V for ten days is the first choice for pharyngitis caused by group A streptococci.",
        "Most sore throats are viral, and a throat swab is not needed in every patient.",
    ),
    (
        "When is metformin stopped for kidney function?",
        "Metformin is stopped when the estimated glomerular filtration rate falls below 30.",
        "Metformin lowers hepatic glucose output and may cause diarrhoea in the first weeks.",
    ),
    (
        "What is the first drug in anaphylaxis?",
        "Intramuscular adrenaline into the thigh is given at once in anaphylaxis and may be repeated.",
        "Urticaria without other signs responds to an oral antihistamine.",
    ),
    (
        "Can ACE inhibitors be used in pregnancy?",
        "ACE inhibitors harm the fetal kidney and are contraindicated throughout pregnancy.",
        "ACE inhibitors slow the progression of diabetic kidney disease with albuminuria.",
    ),
    (
        "How soon should antibiotics be given in septic shock?",
        "In septic shock, broad-spectrum antibiotics are given within one hour of recognition.",
        "Once cultures are back, antibiotics in sepsis are narrowed to the organism found.",
    ),
    (
        "Which vaccine prevents shingles in older adults?",
        "Two doses of the recombinant zoster vaccine prevent shingles in adults over fifty.",
        "Shingles is treated with valaciclovir, best within three days of the rash.",
    ),
    (
        "What monitoring does lithium need?",
        "On lithium, serum level, renal function, thyroid function and calcium are checked regularly.",
        "Lithium lowers the risk of suicide in people with bipolar disorder.",
    ),
    (
        "How is opioid overdose treated?",
        "Naloxone reverses respiratory depression in opioid overdose and may have to be repeated.",
        "Constipation from opioids is prevented with a stimulant laxative.",
    ),
    (
        "Which test confirms pulmonary embolism?",
        "CT pulmonary angiography is the test that confirms a pulmonary embolism.",
        "Pulmonary embolism is treated with a direct oral anticoagulant for at least three months.",
    ),
]


@pytest.mark.real_weights
@pytest.mark.parametrize("name", CROSS)
def test_real_weights_rank_the_right_passage_first(name: str) -> None:
    settings = Settings()
    try:
        models.locate(name, settings.models)
    except ModelMissing:
        pytest.skip(f"{name}: its real weights are not on this machine")
    reranker = rerankers.load(name, settings)
    right = 0
    for question, answer, near in TRIPLES:
        good, bad = reranker.score(question, [passage("", "", answer), passage("", "", near)])
        right += good > bad
    assert right >= 9, f"{name} ranks {right} of {len(TRIPLES)} right"
    assert BY_ID[name].scores
