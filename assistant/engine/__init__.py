"""Transformers of the BERT family on the CPU by OpenVINO, without torch and transformers.

text -> `tokens` -> rows of token ids -> `network` (a graph that `bert` builds from the weights, or the file
that `int8` made of it) -> states of tokens (`Towers` pool them, `Classifier` scores them).
"""

from assistant.engine.bert import unfit
from assistant.engine.heads import GRAPH, Classifier, Tower, arithmetic
from assistant.engine.network import Precision
from assistant.engine.tokens import Memory, Row, Tokens

__all__ = ["GRAPH", "Classifier", "Memory", "Precision", "Row", "Tokens", "Tower", "arithmetic", "unfit"]
