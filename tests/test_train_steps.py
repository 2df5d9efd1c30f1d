"""From lists to weights: forms, batches, losses, steps, checkpoints."""

import itertools
import math
import random
import resource
import signal
from functools import partial
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from assistant.config import Settings
from assistant.errors import InputError, ModelError, ModelMissing
from assistant.text import sentences
from rerankers.base import KeepOrder, WordOverlap
from rerankers.cross_encoder import CrossEncoder
from rerankers.training import loop, losses
from rerankers.training.augment import Form, best_run, formed, forms, phrased
from rerankers.training.batches import Example, batches, draws, example
from rerankers.training.dev import Asked, Dev
from rerankers.training.loop import Point
from rerankers.training.network import Live, Network, load
from rerankers.training.plan import Plan, source
from tests import tiny
from tests.train_parts import learner, pool

NO = float("-inf")


def tensor(*values: object) -> torch.Tensor:
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


# --- losses, worked out by hand


def test_listwise() -> None:
    scores = tensor([math.log(3), 0.0, NO], [0.0, 0.0, 0.0])
    assert losses.listwise(scores).item() == pytest.approx((math.log(4 / 3) + math.log(3)) / 2)


def test_ranknet() -> None:
    scores = tensor([1.0, 1.0, 1.0 - math.log(3)], [0.0, 0.0, NO])
    expected = (math.log(2) + math.log(4 / 3) + math.log(2)) / 3  # log(1 + exp(-log 3)) = log(4/3)
    assert losses.ranknet(scores).item() == pytest.approx(expected)


def test_margin() -> None:
    assert losses.margin(tensor([2.0, 0.5, 1.5, 4.0])).item() == pytest.approx((0 + 0.5 + 3) / 3)


def test_kl() -> None:
    teacher = tensor([math.log(3), 0.0, NO])
    expected = 0.75 * math.log(0.75 / 0.5) + 0.25 * math.log(0.25 / 0.5)
    assert losses.kl(tensor([7.0, 7.0, NO]), teacher).item() == pytest.approx(expected)
    assert losses.kl(teacher, teacher).item() == pytest.approx(0.0)


def test_margin_mse() -> None:
    scores, teacher = tensor([1.0, 0.0, NO], [0.0, 0.0, 0.0]), tensor([5.0, 1.0, NO], [0.0, 1.0, -1.0])
    assert losses.margin_mse(scores, teacher).item() == pytest.approx((3**2 + 1 + 1) / 3)


def test_a_share_of_both() -> None:
    scores, teacher = tensor([1.0, 0.0]), tensor([0.0, 0.0])
    mixed = losses.objective("margin", "margin-mse", 0.25)
    assert mixed(scores, None).item() == 0.0
    assert mixed(scores, teacher).item() == pytest.approx(0.25 * 1.0)


@pytest.mark.parametrize("loss", [*losses.LOSSES.values(), *losses.DISTILLATIONS.values()])
def test_gradients_are_finite_and_raise_the_relevant_one(loss: object) -> None:
    flat = tensor(0.3, 0.2, 0.1, 0.4, 0.5)
    teacher = losses.rows(tensor(9.0, 0.0, 0.0, 9.0, 0.0), [3, 2])
    scores = losses.rows(flat, [3, 2])
    value = loss(scores, teacher) if loss in losses.DISTILLATIONS.values() else loss(scores)  # type: ignore[operator]
    value.backward()
    assert flat.grad is not None
    assert flat.grad.isfinite().all()
    assert flat.grad[0] < 0 < flat.grad[1]


# --- forms

PASSAGE = st.lists(st.sampled_from(["Aspirin helps.", "The dose is 5 mg.", "See the child.", "Why is it?"]))


@given(st.integers(0, 10_000), PASSAGE, st.sampled_from(["", "A head", "Dose | Children"]))
@hypothesis_settings(max_examples=60, deadline=None)
def test_a_form_is_a_run_of_whole_sentences(seed: int, parts: list[str], head: str) -> None:
    text = " ".join(parts)
    for form in forms(3, random.Random(seed)):
        first, newline, body = formed(f"{head}\n{text}", "the dose", form).partition("\n")
        assert newline
        assert first == (head if form.head else "")
        spans = sentences(text)
        size = {"whole": len(spans), "run": form.sentences, "snippet": 1}[form.shape]
        if size >= len(spans):
            assert body == text
        else:
            runs = {text[a[0] : b[1]] for a, b in zip(spans, spans[size - 1 :], strict=False)}
            assert body in runs


def test_the_run_is_the_one_that_the_query_asks_for() -> None:
    text = "Gout is old. The dose is low. The dose for gout is 5 mg. It hurts."
    spans = sentences(text)
    start, end = best_run(text, spans, 1, "Dose for gout?")
    assert text[start:end] == "The dose for gout is 5 mg."
    assert best_run(text, spans, 2, "Nothing shared") == (0, spans[1][1])  # the first of equals
    assert formed(f"T\n{text}", "it hurts", Form("snippet", 3, False)) == "\nIt hurts."


def test_forms_do_not_depend_on_the_place() -> None:
    drawn = [forms(2, random.Random(seed)) for seed in range(4000)]
    shares = [sum(f[place].shape == "whole" for f in drawn) / len(drawn) for place in (0, 1)]
    assert shares == pytest.approx([0.5, 0.5], abs=0.03)
    assert sum(not f[0].head for f in drawn) / len(drawn) == pytest.approx(0.15, abs=0.02)
    assert all(f[0].head == f[1].head for f in drawn)


def test_a_query_keeps_its_words() -> None:
    said = {phrased("What is IL-2?", random.Random(seed)) for seed in range(40)}
    assert said == {"What is IL-2?", "what is il-2"}
    assert {phrased("???", random.Random(seed)) for seed in range(40)} == {"???"}


# --- batches


def test_rows_come_in_passes_and_pools_by_weight() -> None:
    drawn = list(itertools.islice(draws([5, 7], [3.0, 1.0], 1), 4000))
    first = [row for number, row in drawn if number == 0]
    assert len(first) / 4000 == pytest.approx(0.75, abs=0.03)
    for begin in range(0, len(first) - 5, 5):
        assert sorted(first[begin : begin + 5]) == [0, 1, 2, 3, 4]


def test_a_list_has_one_positive_and_its_own_negatives() -> None:
    toy = pool(taught=True)
    for seed in range(30):
        made = example(toy.lists[0], toy.passages, 5, random.Random(seed))
        assert len(made.passages) == len(made.teacher) == 5
        assert "heart" in made.passages[0]
        assert not any("heart" in passage for passage in made.passages[1:])
        assert len(set(made.passages)) == 5
        assert made.teacher == (4.0, *[-0.5] * 4)
    assert len(example(toy.lists[0], toy.passages, 99, random.Random(0)).passages) == 8


def test_batches_go_on_where_they_were() -> None:
    make = partial(batches, [pool(5), pool(7)], lists=3, passages=4, seed=9)
    whole = list(itertools.islice(make(), 8))
    assert list(itertools.islice(make(start=5), 3)) == whole[5:]
    assert list(itertools.islice(make(), 8)) == whole
    other = batches([pool(5), pool(7)], lists=3, passages=4, seed=10)
    assert list(itertools.islice(other, 8)) != whole


# --- the network


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tiny.bert_encoder(tmp_path / "base")


def made(base: Path, *, seed: int = 3, max_tokens: int = 64) -> Network:
    return load(str(base), Settings(models=base.parent), max_tokens=max_tokens, precision="fp32", seed=seed)


def test_a_base_gets_one_logit(base: Path) -> None:
    network = made(base)
    assert network.new_head
    assert network.model.config.num_labels == 1
    assert (network.limit, network.encode.model_max_length) == (64, 64)
    same, other = made(base), made(base, seed=4)
    assert torch.equal(network.model.classifier.weight, same.model.classifier.weight)
    assert not torch.equal(network.model.classifier.weight, other.model.classifier.weight)
    assert made(base, max_tokens=8192).limit == 512


def test_a_head_of_one_logit_stays_and_another_goes(tmp_path: Path) -> None:
    kept = made(tiny.bert_reranker(tmp_path / "one"))
    assert not kept.new_head
    assert made(tiny.bert_reranker(tmp_path / "three", labels=3)).new_head


def test_bases_that_cannot_be_used(tmp_path: Path, base: Path) -> None:
    with pytest.raises(ModelMissing, match="no such folder"):
        made(tmp_path / "nowhere")
    (base / "model.safetensors").unlink()
    with pytest.raises(ModelMissing, match="weights are missing"):
        made(base)
    other = tiny.bert_encoder(tmp_path / "other")
    config = (other / "config.json").read_text()
    (other / "config.json").write_text(config.replace('"num_hidden_layers": 2', '"num_hidden_layers": 3'))
    with pytest.raises(ModelError, match=r"16 are missing, first bert\.encoder\.layer\.2"):
        made(other)


def test_the_live_model_scores_like_the_saved_folder(base: Path, tmp_path: Path) -> None:
    network = made(base)
    network.model.eval()
    network.model.save_pretrained(tmp_path / "saved")
    network.encode.save_pretrained(tmp_path / "saved")
    passages = ["Note\nthe dose is 5 mg", "\nheart", f"Head\n{'The child has sepsis. ' * 40}"]
    saved = CrossEncoder(str(tmp_path / "saved"), models=tmp_path, precision="f32")
    query = "what is the dose for the child"
    assert Live(network).score(query, passages) == pytest.approx(saved.score(query, passages), abs=0.02)


def test_a_pair_scores_the_same_in_any_company(base: Path) -> None:
    network = made(base)
    network.model.eval()
    pairs = [("dose", f"\n{'heart ' * n}") for n in (9, 1, 30, 2)] * 9
    together = network.logits(network.rows(pairs)).tolist()
    alone = [network.logits(network.rows([pair])).item() for pair in pairs]
    assert together == pytest.approx(alone, abs=1e-5)


# --- the loop


def test_the_rate_rises_and_falls() -> None:
    rates = [loop.rate(s, 10, 1.0, 0.2, "linear") for s in range(10)]
    assert rates == pytest.approx([0.5, 1.0, 1.0, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125])
    assert loop.rate(6, 10, 2.0, 0.2, "cosine") == pytest.approx(1.0)  # half-way down
    assert loop.rate(0, 1, 1.0, 1.0, "cosine") == 1.0


def test_groups_of_whole_lists() -> None:
    assert list(loop.groups([3, 4, 9, 1, 1, 5], 7)) == [[0, 1], [2], [3, 4, 5]]
    assert list(loop.groups([], 7)) == []


def test_the_best_and_when_to_stop() -> None:
    curve = [Point(n, 1.0, {"a": score, "b": 0.0}) for n, score in enumerate((0.2, 0.6, 0.6, 0.5))]
    assert loop.best(curve) is curve[1]
    assert loop.exhausted(curve, 2)
    assert not loop.exhausted(curve, 3)
    assert not loop.exhausted([], 1)
    plain = [Point(n, 1.0, {}) for n in range(9)]
    assert loop.best(plain) is plain[-1]
    assert not loop.exhausted(plain, 1)


def test_groups_do_not_change_the_gradient(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = [Example("dose", ("\nheart", "\nchild mg", "\nsepsis"), (3.0, 0.0, -1.0))] * 2
    batch.append(Example("what is it", ("\nthe heart", "\nmg"), (1.0, 0.0)))
    weights = []
    for most in (10_000, 1):
        monkeypatch.setitem(loop.GROUP_TOKENS, "cpu", most)
        network = made(base)
        network.model.eval()  # no dropout
        descent = torch.optim.SGD(network.model.parameters())
        value = loop.step(network, descent, batch, losses.objective("listwise", "kl", 0.5), 0.1)
        weights.append((value, network.model.classifier.weight.detach().clone()))
    assert weights[0][0] == pytest.approx(weights[1][0], abs=1e-5)
    assert torch.allclose(weights[0][1], weights[1][1], atol=1e-6)


def trained(network: Network, folder: Path, plan: Plan, **more: object) -> list[Point]:
    stream = partial(batches, [pool(12, taught=bool(plan.teachers))], lists=2, passages=4, seed=5)
    given_: dict[str, object] = {"evaluate": dict, "publish": lambda: None, **more}
    return loop.run(network, lambda start: stream(start=start), plan, checkpoint=folder / "c.pt", **given_)  # type: ignore[arg-type]


def plan_of(base: Path, **more: object) -> Plan:
    known = {"data": (source("toy:train"),), "base": str(base), "out": base.parent / "out"}
    return Plan(**{**known, "steps": 6, "every": 2, "learning_rate": 1e-3, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("stop", [2, 3])
def test_a_stopped_run_goes_on_to_the_same_bit(base: Path, tmp_path: Path, stop: int) -> None:
    handler = signal.getsignal(signal.SIGINT)
    plan = plan_of(base)
    whole = made(base)
    curve = trained(whole, tmp_path / "a", plan)

    def press(stage: str, done: int, total: int) -> None:
        if done == stop:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        trained(made(base), tmp_path / "b", plan, progress=press)
    torch.manual_seed(999)
    again = made(base)
    torch.rand(7)
    seen: list[int] = []
    resumed = trained(again, tmp_path / "b", plan, progress=lambda stage, done, total: seen.append(done))
    assert seen[0] == stop + 1  # the step that was under way was finished and saved
    assert resumed == curve
    there, here = again.model.state_dict(), whole.model.state_dict()
    assert all(torch.equal(there[name], here[name]) for name in here)
    assert signal.getsignal(signal.SIGINT) is handler


def test_it_learns_a_rule(tmp_path: Path) -> None:
    words = ("aspirin", "child", "heart", "sepsis", "insulin", "warfarin")
    asked = {
        f"q{i}": Asked(
            "what is the dose", words, tuple(f"Note\nThe dose for the {w} is {i} mg." for w in words)
        )
        for i in range(20, 26)
    }
    dev = Dev(name="toy:dev", questions=asked, qrels={query: {"heart": 1} for query in asked})
    network, published = made(learner(tmp_path / "learner")), []
    live = Live(network)
    network.model.eval()
    before = dev.measure(live)
    curve = trained(
        network,
        tmp_path / "run",
        plan_of(tmp_path, steps=24, every=8, learning_rate=3e-3, patience=6),
        evaluate=lambda: {dev.name: dev.measure(live)},
        publish=lambda: published.append(True),
    )
    assert before < 0.8
    assert loop.best(curve).score == 1.0
    assert curve[-1].loss < 0.5 * curve[0].loss
    rises = [p for i, p in enumerate(curve) if p.score > max([0.0, *(q.score for q in curve[:i])])]
    assert len(published) == len(rises)


def test_it_stops_when_nothing_gets_better(base: Path, tmp_path: Path) -> None:
    plan = plan_of(base, steps=100, every=1, patience=3)
    scores = iter((0.5, 0.7, 0.7, 0.6, 0.7))
    curve = trained(made(base), tmp_path, plan, evaluate=lambda: {"d": next(scores)})
    assert [p.step for p in curve] == [1, 2, 3, 4, 5]
    assert loop.best(curve).step == 2
    assert trained(made(base), tmp_path, plan) == curve  # resumed at its end: nothing more


def test_teachers_are_followed(base: Path, tmp_path: Path) -> None:
    curve = trained(made(base), tmp_path, plan_of(base, teachers=("none",), steps=20, every=10))
    assert curve[-1].loss < curve[0].loss


def test_a_loss_that_is_no_number_stops_it(base: Path, tmp_path: Path) -> None:
    network = made(base)
    with torch.no_grad():
        network.model.classifier.weight.fill_(float("nan"))
    with pytest.raises(ModelError, match="step 1: the loss is not a number; lower --learning-rate"):
        trained(network, tmp_path, plan_of(base))


def test_a_full_disk(base: Path, tmp_path: Path) -> None:
    network = made(base)
    optimizer = loop.optimizer(network.model)
    path = tmp_path / "c.pt"
    loop.save(path, network, optimizer, loop.State(step=1))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(InputError, match=r"c\.pt: cannot be written: .*free space, then --resume"):
            loop.save(path, network, optimizer, loop.State(step=2))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [file.name for file in tmp_path.glob("c.pt*")] == ["c.pt"]
    assert loop.restore(path, network, optimizer).step == 1  # the old one is whole
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputError, match="not a usable checkpoint"):
        loop.restore(path, network, optimizer)


# --- dev sets


def test_a_dev_set_counts_every_question() -> None:
    dev = Dev(
        name="d",
        questions={
            "q1": Asked("heart dose", ("a", "b", "a"), ("\nnothing", "\ndose", "\nheart dose")),
            "q2": Asked("child", (), ()),
        },
        qrels={"q1": {"a": 1}, "q2": {"x": 1}},
    )
    assert dev.measure(WordOverlap()) == pytest.approx(
        0.5
    )  # a is first by its second passage; q2 has nothing
    assert dev.measure(KeepOrder()) == pytest.approx(0.5)
