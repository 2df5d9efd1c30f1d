"""Losses over lists of scores: a row a list, the relevant passage in the first column, and minus infinity
where a list is shorter than the longest. Each is the mean over the lists, or over their pairs.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from rerankers.training.plan import Distillation, Loss

if TYPE_CHECKING:
    from torch import Tensor

MARGIN = 1.0

Objective = Callable[["Tensor", "Tensor | None"], "Tensor"]  # scores, teacher -> loss


def listwise(scores: "Tensor") -> "Tensor":
    """Softmax cross-entropy (ListNet with one relevant passage: Cao et al., ICML 2007)."""
    return -scores.log_softmax(dim=1)[:, 0].mean()


def ranknet(scores: "Tensor") -> "Tensor":
    """log(1 + exp(negative - positive)) of each pair (Burges et al., ICML 2005)."""
    from torch.nn.functional import softplus

    behind = (scores[:, 1:] - scores[:, :1])[scores[:, 1:].isfinite()]
    return softplus(behind).mean()


def margin(scores: "Tensor") -> "Tensor":
    """How far each pair is from a positive that is MARGIN above its negative."""
    behind = (scores[:, 1:] - scores[:, :1])[scores[:, 1:].isfinite()]
    return (behind + MARGIN).relu().mean()


def kl(scores: "Tensor", teacher: "Tensor") -> "Tensor":
    """Kullback-Leibler divergence of the lists' softmax from the teacher's."""
    there = teacher.isfinite()
    student, target = scores.log_softmax(dim=1), teacher.log_softmax(dim=1)
    terms = target.exp()[there] * (target[there] - student[there])
    return terms.sum() / len(scores)


def margin_mse(scores: "Tensor", teacher: "Tensor") -> "Tensor":
    """Squared difference between the margins of student and teacher (Hofstätter et al., 2020)."""
    there = teacher[:, 1:].isfinite()
    student, target = scores[:, :1] - scores[:, 1:], teacher[:, :1] - teacher[:, 1:]
    return (student[there] - target[there]).square().mean()


LOSSES: dict[Loss, Callable[["Tensor"], "Tensor"]] = {
    "listwise": listwise,
    "ranknet": ranknet,
    "margin": margin,
}
DISTILLATIONS: dict[Distillation, Callable[["Tensor", "Tensor"], "Tensor"]] = {
    "kl": kl,
    "margin-mse": margin_mse,
}


def objective(loss: Loss, distil: Distillation, share: float) -> Objective:
    """`loss` alone without a teacher; with one, (1 - share) of it and `share` of the distillation."""

    def both(scores: "Tensor", teacher: "Tensor | None") -> "Tensor":
        own = LOSSES[loss](scores)
        return own if teacher is None else (1 - share) * own + share * DISTILLATIONS[distil](scores, teacher)

    return both


def rows(flat: "Tensor", sizes: Sequence[int]) -> "Tensor":
    """(sum of sizes,) -> (lists, longest), minus infinity behind the shorter ones."""
    from torch.nn.utils.rnn import pad_sequence

    lists = flat.split(list(sizes))  # type: ignore[no-untyped-call]
    return pad_sequence(list(lists), batch_first=True, padding_value=float("-inf"))
