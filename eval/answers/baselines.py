"""What simpler writers would have made of the same evidence."""

import random
from collections.abc import Mapping

from assistant.text import sentences
from eval.answers.record import Asked

LEAD = 3


def baselines(asked: Asked) -> Mapping[str, str]:
    """`lead-3`: the first three sentences of the evidence. `top passage`: the first one whole. `random`: as
    many sentences of the evidence as the answer has, three where it abstained; always the same of a question.
    """
    every = [e.text[a:b] for e in asked.evidence for a, b in sentences(e.text)]
    drawn = random.Random(asked.query).sample(
        range(len(every)), min(len(asked.sentences) or LEAD, len(every))
    )
    return {
        "lead-3": " ".join(every[:LEAD]),
        "top passage": asked.evidence[0].text if asked.evidence else "",
        "random": " ".join(every[i] for i in sorted(drawn)),
    }
