"""What is known of each model before it is loaded: a frozen table, no sniffing.

`revision` is the commit of the hub that `pull` fetches. An entry without one is shown as not pinned:
`pull` then takes what the hub calls "main" and records the commit that it was.
"""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["cross-encoder", "late", "fusion", "encoder", "service", "none"]

LOGIT = "any real number (raw logit)"
BUNDLED = "bundled-ce"
BUNDLED_TOKENS = 224  # what it was trained to read at once


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One model. `parameters` in millions; `max_tokens` of what it reads at once, special tokens included;
    `scores` is the range of what a reranker returns."""

    id: str
    kind: Kind
    hub: str | None = None
    revision: str | None = None
    domain: Literal["biomedical", "general", ""] = ""
    parameters: float | None = None
    licence: str = ""
    max_tokens: int | None = None
    scores: str = ""
    note: str = ""


ENTRIES: tuple[Entry, ...] = (
    Entry(
        id="medcpt",
        kind="cross-encoder",
        hub="ncbi/MedCPT-Cross-Encoder",
        revision="71caf65d4927987813984f54c284405a13fcca49",
        domain="biomedical",
        parameters=109.5,
        licence="public domain (work of the US government, NLM disclaimer applies)",
        max_tokens=512,
        scores=LOGIT,
        note="trained on PubMed search logs (Jin 2023); its weights are a pickle, read without running code",
    ),
    Entry(
        id="pubmedbert",
        kind="cross-encoder",
        domain="biomedical",
        parameters=109.5,
        licence="that of its base model and of the data it was fine-tuned on",
        max_tokens=512,
        scores=LOGIT,
        note="put one that you fine-tuned into the models folder, as pubmedbert",
    ),
    Entry(
        id="minilm",
        kind="cross-encoder",
        hub="cross-encoder/ms-marco-MiniLM-L-6-v2",
        revision="c5ee24cb16019beea0893ab7796b1df96625c6b8",
        domain="general",
        parameters=22.7,
        licence="Apache-2.0",
        max_tokens=512,
        scores=LOGIT,
    ),
    Entry(
        id="minilm-l12",
        kind="cross-encoder",
        hub="cross-encoder/ms-marco-MiniLM-L-12-v2",
        revision="7b0235231ca2674cb8ca8f022859a6eba2b1c968",
        domain="general",
        parameters=33.4,
        licence="Apache-2.0",
        max_tokens=512,
        scores=LOGIT,
    ),
    Entry(
        id="bge-m3",
        kind="cross-encoder",
        hub="BAAI/bge-reranker-v2-m3",
        revision="953dc6f6f85a1b2dbfca4c34a2796e7dde08d41e",
        domain="general",
        parameters=568,
        licence="Apache-2.0",
        max_tokens=1024,
        scores=LOGIT,
        note="reads up to 8,192 tokens; held to the 1,024 that it was fine-tuned with",
    ),
    Entry(
        id="bge-large",
        kind="cross-encoder",
        hub="BAAI/bge-reranker-large",
        revision="55611d7bca2a7133960a6d3b71e083071bbfc312",
        domain="general",
        parameters=560,
        licence="MIT",
        max_tokens=512,
        scores=LOGIT,
    ),
    Entry(
        id="mxbai-large",
        kind="cross-encoder",
        hub="mixedbread-ai/mxbai-rerank-large-v1",
        revision="98f655841d5caf0b16eaff79c2b4ca109d920d17",
        domain="general",
        parameters=435,
        licence="Apache-2.0",
        max_tokens=512,
        scores=LOGIT,
    ),
    Entry(
        id="jina-v2",
        kind="cross-encoder",
        hub="jinaai/jina-reranker-v2-base-multilingual",
        revision="9cfeff2df7d40d1b78e75e5e9cebec92a99813c9",
        domain="general",
        parameters=278,
        licence="CC-BY-NC-4.0 (no commercial use)",
        max_tokens=1024,
        scores=LOGIT,
        note="the code in its repository is neither fetched nor run: its weights are read into XLM-RoBERTa",
    ),
    Entry(
        id="late",
        kind="late",
        domain="general",
        licence="that of its encoder",
        max_tokens=256,
        scores="-1 to 1",
        note="late interaction over the token vectors of the default encoder, or of the one that is set; "
        "longer passages are scored by windows",
    ),
    Entry(
        id="cohere",
        kind="service",
        domain="general",
        licence="the service's terms",
        max_tokens=4096,
        scores="0 to 1",
        note="question and passages leave this machine; off unless egress allows it and a key is set",
    ),
    Entry(
        id="llm",
        kind="service",
        domain="general",
        licence="the service's terms",
        scores="0 to 10 (pointwise), minus the place (listwise)",
        note="any OpenAI-compatible service; question and passages leave this machine for it; off unless "
        "egress allows it and its address and model are set",
    ),
    Entry(
        id=BUNDLED,
        kind="cross-encoder",
        domain="biomedical",
        parameters=22.7,
        licence="Apache-2.0; trained on data under CC BY and MIT, see its model card",
        max_tokens=BUNDLED_TOKENS,
        scores=LOGIT,
        note="trained by this project and carried in it, in int8; reinstall the project if it is missing",
    ),
    Entry(
        id="bundled",
        kind="fusion",
        domain="biomedical",
        licence="that of bundled-ce",
        max_tokens=BUNDLED_TOKENS,
        scores="any real number (weighted z-scores)",
        note="bundled-ce fused with the first stage: safe where it was never trained",
    ),
    Entry(id="none", kind="none", scores="minus the first-stage rank", note="keeps the first-stage order"),
    Entry(
        id="all-minilm",
        kind="encoder",
        domain="general",
        parameters=22.7,
        licence="Apache-2.0",
        max_tokens=256,
        note="the default encoder, all-MiniLM-L6-v2; comes with the installation, its digest is checked",
    ),
    Entry(
        id="medcpt-query",
        kind="encoder",
        hub="ncbi/MedCPT-Query-Encoder",
        revision="d83a36cc6b8e3a5c5e9d9d6ba156808c1643dcbc",
        domain="biomedical",
        parameters=109.5,
        licence="public domain (work of the US government, NLM disclaimer applies)",
        max_tokens=64,
        note="questions of the encoder medcpt",
    ),
    Entry(
        id="medcpt-article",
        kind="encoder",
        hub="ncbi/MedCPT-Article-Encoder",
        revision="d05a736da4bb84ee4057b7f7999485be6ed85465",
        domain="biomedical",
        parameters=109.5,
        licence="public domain (work of the US government, NLM disclaimer applies)",
        max_tokens=512,
        note="documents of the encoder medcpt",
    ),
)

BY_ID = {entry.id: entry for entry in ENTRIES}
RERANKERS = tuple(entry for entry in ENTRIES if entry.kind != "encoder")
