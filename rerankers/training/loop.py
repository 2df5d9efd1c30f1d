"""Steps, checkpoints and the end: a run that was stopped goes on as if it had not been.

On a CPU in float32 the weights come out the same to the bit, however often a run was stopped.
"""

import math
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from assistant.errors import InputError, ModelError
from rerankers.training.batches import Example
from rerankers.training.losses import Objective, objective, rows
from rerankers.training.network import Network
from rerankers.training.plan import Plan, Schedule

GROUP_TOKENS = {"cpu": 4_096, "cuda": 32_768}  # whole lists that are computed and derived at once
CLIP = 1.0  # the norm of the gradient, at most
DECAY = 0.01  # of weights in matrices; biases and norms have none

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Point:
    """An evaluation: the mean loss of the steps since the last one, and nDCG@10 by dev set."""

    step: int
    loss: float
    dev: dict[str, float]

    @property
    def score(self) -> float:
        return fmean(self.dev.values()) if self.dev else 0.0


@dataclass
class State:
    """What a checkpoint holds beside the tensors. `recent`: the losses since the last evaluation."""

    step: int = 0
    recent: list[float] = field(default_factory=list)
    curve: list[Point] = field(default_factory=list)


def run(
    network: Network,
    stream: Callable[[int], Iterator[list[Example]]],
    plan: Plan,
    *,
    checkpoint: Path,
    evaluate: Callable[[], dict[str, float]],
    publish: Callable[[], None],
    progress: Progress = lambda stage, done, total: None,
    tell: Callable[[Point], None] = lambda point: None,
) -> list[Point]:
    """Train to the end of the plan, or until the dev sets stand still; returns the curve.

    `stream(step)` gives the batches from that step on. `publish` is called at each new best, or without dev
    sets at the end. Goes on from `checkpoint` where there is one. An interrupt is raised again once the step
    is finished and saved; a second one at once. Raises ModelError on a loss that is not a number, InputError
    when a checkpoint cannot be written or read.
    """
    learner = optimizer(network.model)
    state = restore(checkpoint, network, learner)
    goal = objective(plan.loss, plan.distil, plan.distil_weight)
    network.model.train()
    with interrupts() as interrupted:
        for batch in stream(state.step):
            progress("Training", state.step, plan.steps)
            if state.step >= plan.steps or exhausted(state.curve, plan.patience):
                break
            speed = rate(state.step, plan.steps, plan.learning_rate, plan.warmup, plan.schedule)
            loss = step(network, learner, batch, goal, speed)
            if not math.isfinite(loss):
                raise ModelError(
                    f"step {state.step + 1}: the loss is not a number; lower --learning-rate"
                    + (" or try --precision fp32" if network.bf16 else "")
                )
            state.step += 1
            state.recent.append(loss)
            if state.step % plan.every == 0 or state.step == plan.steps:
                network.model.eval()
                point = Point(state.step, fmean(state.recent), evaluate())
                network.model.train()
                state.curve.append(point)
                state.recent.clear()
                if best(state.curve) is point if point.dev else state.step == plan.steps:
                    publish()
                save(checkpoint, network, learner, state)
                tell(point)
            if interrupted():
                save(checkpoint, network, learner, state)
                raise KeyboardInterrupt
    progress("Training", plan.steps, plan.steps)
    return state.curve


def step(network: Network, learner: Any, batch: Sequence[Example], goal: Objective, speed: float) -> float:
    """One update; returns the loss. Memory is bounded by GROUP_TOKENS, or by one larger list."""
    import torch

    encoded = [network.rows([(e.query, passage) for passage in e.passages]) for e in batch]
    for group in learner.param_groups:
        group["lr"] = speed
    learner.zero_grad()
    total = 0.0
    tokens = [sum(len(row["input_ids"]) for row in rows) for rows in encoded]
    for numbers in groups(tokens, GROUP_TOKENS[network.device]):
        sizes = [len(encoded[i]) for i in numbers]
        scores = rows(network.logits([row for i in numbers for row in encoded[i]]), sizes)
        targets = [t for i in numbers for t in batch[i].teacher]
        teacher = rows(torch.tensor(targets, device=scores.device), sizes) if targets else None
        loss = goal(scores, teacher) * (len(numbers) / len(batch))
        loss.backward()  # type: ignore[no-untyped-call]
        total += loss.item()
    torch.nn.utils.clip_grad_norm_(network.model.parameters(), CLIP)
    if math.isfinite(total):
        learner.step()
    return total


def groups(tokens: Sequence[int], most: int) -> Iterator[list[int]]:
    """The numbers of consecutive lists that have at most `most` tokens together; a larger one is alone."""
    group: list[int] = []
    filled = 0
    for number, size in enumerate(tokens):
        if group and filled + size > most:
            yield group
            group, filled = [], 0
        group.append(number)
        filled += size
    if group:
        yield group


def rate(step: int, steps: int, peak: float, warmup: float, schedule: Schedule) -> float:
    """The learning rate of a step, the first being 0: up to `peak` over the share `warmup` of the steps, then
    down to nothing."""
    rising = round(steps * warmup)
    if step < rising:
        return peak * (step + 1) / rising
    done = (step - rising) / max(steps - rising, 1)
    return peak * (0.5 * (1 + math.cos(math.pi * done)) if schedule == "cosine" else 1 - done)


def best(curve: Sequence[Point]) -> Point:
    """The first of the points with the highest score; without dev sets, the last."""
    return max(curve, key=lambda point: point.score) if curve[-1].dev else curve[-1]


def exhausted(curve: Sequence[Point], patience: int) -> bool:
    """Whether the best is `patience` evaluations old."""
    return bool(curve) and len(curve) - 1 - list(curve).index(best(curve)) >= patience


def optimizer(model: Any) -> Any:
    """AdamW (Loshchilov and Hutter, ICLR 2019)."""
    import torch

    matrices = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": DECAY}, {"params": others, "weight_decay": 0.0}]
    )


def save(path: Path, network: Network, learner: Any, state: State) -> None:
    """In one step: the file is the old checkpoint or the new one."""
    import torch

    content = {
        "model": network.model.state_dict(),
        "optimizer": learner.state_dict(),
        "state": asdict(state),
        "random": torch.get_rng_state(),
        "random_cuda": torch.cuda.get_rng_state_all() if network.device == "cuda" else [],
    }
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            torch.save(content, file)
        part.replace(path)
    except (OSError, RuntimeError) as error:  # torch's writer has a RuntimeError for a full disk
        part.unlink(missing_ok=True)
        reason = getattr(error, "strerror", None) or str(error).splitlines()[0]
        raise InputError(f"{path}: cannot be written: {reason}; free space, then --resume") from None


def restore(path: Path, network: Network, learner: Any) -> State:
    """Sets the model, the optimizer and the random numbers; without a file, a new state."""
    import torch

    if not path.is_file():
        return State()
    try:
        content = torch.load(path, map_location=network.device, weights_only=True)
        network.model.load_state_dict(content["model"])
        learner.load_state_dict(content["optimizer"])
        torch.set_rng_state(content["random"].cpu())
        if network.device == "cuda" and content["random_cuda"]:
            torch.cuda.set_rng_state_all([state.cpu() for state in content["random_cuda"]])
        kept = content["state"]
        return State(kept["step"], kept["recent"], [Point(**point) for point in kept["curve"]])
    except Exception as error:  # pickle, zip, torch: a dozen classes for a damaged file
        reason = str(error).splitlines()[0][:200]
        raise InputError(f"{path}: not a usable checkpoint ({reason}); delete it to start anew") from None


@contextmanager
def interrupts() -> Iterator[Callable[[], bool]]:
    """Tells whether Ctrl-C was pressed; a second one is raised at once. Outside the main thread, never."""
    seen = threading.Event()

    def note(number: int, frame: object) -> None:
        if seen.is_set():
            raise KeyboardInterrupt
        seen.set()

    if threading.current_thread() is not threading.main_thread():
        yield seen.is_set
        return
    before = signal.signal(signal.SIGINT, note)
    try:
        yield seen.is_set
    finally:
        signal.signal(signal.SIGINT, before)
