"""A toy collection and a toy model that several training tests share."""

import json
from pathlib import Path

from rerankers.training.batches import Pool
from rerankers.training.mine import Mined
from tests import tiny

DRUGS = ("warfarin", "aspirin", "insulin", "heparin", "digoxin", "statin")
STATES = ("sepsis", "heart", "child")


def folder(root: Path, *, kinds: bool = True) -> Path:
    """Each drug in each state: a document, and a question that two documents answer (the drug's others)."""
    (root / "qrels").mkdir(parents=True)
    corpus, queries, judged = [], [], []
    for drug in DRUGS:
        for state in STATES:
            text = (
                f"The dose of {drug} in {state} is 5 mg. It is given to those with {state}. See {drug} daily."
            )
            corpus.append({"_id": f"{drug}-{state}", "title": f"On {drug} for {state}", "text": text})
        said = {"ideal": [f"The dose of {drug} is 5 mg in most of them. More."]} if kinds else {}
        queries.append({"_id": f"q-{drug}", "text": f"What is the dose of {drug}?", "metadata": said})
        judged += [f"q-{drug}\t{drug}-{state}\t1" for state in STATES[:2]]
        judged.append(f"q-{drug}\t{drug}-child\t0")
    (root / "corpus.jsonl").write_text("".join(json.dumps(d) + "\n" for d in corpus))
    (root / "queries.jsonl").write_text("".join(json.dumps(q) + "\n" for q in queries))
    lines = [j for j in judged if not j.startswith(("q-digoxin", "q-statin"))]
    held = [j for j in judged if j not in lines]
    (root / "qrels" / "train.tsv").write_text("query-id\tcorpus-id\tscore\n" + "\n".join(lines) + "\n")
    (root / "qrels" / "dev.tsv").write_text("\n".join(held) + "\n")
    (root / "qrels" / "none.tsv").write_text("q-aspirin\taspirin-child\t0\n")
    return root


def learner(folder: Path) -> Path:
    """A base that learns quickly: one layer, small weights, no dropout."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(5)
    encode = tiny.wordpiece()
    config = BertConfig(
        vocab_size=len(encode),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    BertModel(config).save_pretrained(folder)
    encode.save_pretrained(folder)
    return folder


def pool(count: int = 12, weight: float = 1.0, *, taught: bool = False) -> Pool:
    """Lists of one relevant passage (it speaks of the heart) and seven that are not."""
    lists = [
        Mined(
            task=f"{i}",
            kind="question",
            query="what is the dose",
            positives=(f"p{i}",),
            negatives=tuple(f"n{i}-{j}" for j in range(7)),
            teacher=(4.0, *[-0.5] * 7) if taught else (),
        )
        for i in range(count)
    ]
    words = ("aspirin", "child", "insulin", "sepsis", "mg", "for", "warfarin")
    passages = {f"p{i}": f"Note\nThe dose for the heart is {i} mg." for i in range(count)}
    passages |= {
        f"n{i}-{j}": f"Note\nThe dose for the {words[j]} is {i} mg." for i in range(count) for j in range(7)
    }
    return Pool(name="toy", weight=weight, lists=lists, passages=passages)
