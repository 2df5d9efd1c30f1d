"""Tiny random models with the architecture and the file layout of the catalogue's, built in code."""

import json
import string
from pathlib import Path
from typing import Any

WORDS = (
    "warfarin",
    "aspirin",
    "sepsis",
    "dose",
    "child",
    "heart",
    "insulin",
    "what",
    "is",
    "the",
    "for",
    "mg",
)


def _config(**more: Any) -> dict[str, Any]:
    return {
        "hidden_size": 16,
        "num_hidden_layers": 2,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "initializer_range": 0.4,
        **more,
    }


def wordpiece() -> Any:
    """BERT's tokenizer over words and single characters."""
    from transformers import BertTokenizer

    letters = string.ascii_lowercase + string.digits + string.punctuation
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *letters, *(f"##{c}" for c in letters)]
    return BertTokenizer(vocab={t: i for i, t in enumerate(dict.fromkeys(tokens))}, model_max_length=512)


def _pieces(special: list[str]) -> list[tuple[str, float]]:
    letters = string.ascii_letters + string.digits + string.punctuation
    words = [(f"▁{w}", -2.0) for w in WORDS]
    return [*((s, 0.0) for s in special), *words, ("▁", -3.0), *((c, -6.0) for c in letters)]


def unigram_roberta() -> Any:
    from transformers import XLMRobertaTokenizer

    pieces = _pieces(["<s>", "<pad>", "</s>", "<unk>"])
    return XLMRobertaTokenizer(vocab=[*pieces, ("<mask>", 0.0)], model_max_length=512)


def unigram_deberta() -> Any:
    from transformers import DebertaV2Tokenizer

    pieces = _pieces(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    return DebertaV2Tokenizer(vocab=pieces, unk_id=1, model_max_length=512)


def _save(model: Any, encode: Any, folder: Path) -> Path:
    model.eval().save_pretrained(folder)
    encode.save_pretrained(folder)
    return folder


def bert_reranker(
    folder: Path, *, labels: int = 1, positions: int = 128, vocabulary: int = 0, pickled: bool = False
) -> Path:
    """MedCPT-Cross-Encoder, a PubMedBERT cross-encoder, ms-marco-MiniLM. `pickled`: pytorch_model.bin.
    `vocabulary`: rows of the table of words, if more than the tokenizer has."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    torch.manual_seed(1)
    encode = wordpiece()
    config = BertConfig(
        **_config(vocab_size=vocabulary or len(encode), num_labels=labels, max_position_embeddings=positions)
    )
    model = BertForSequenceClassification(config)
    _save(model, encode, folder)
    if pickled:
        (folder / "model.safetensors").unlink()
        torch.save(model.state_dict(), folder / "pytorch_model.bin")
    return folder


def roberta_reranker(folder: Path) -> Path:
    """bge-reranker-v2-m3 and bge-reranker-large."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaForSequenceClassification

    torch.manual_seed(2)
    encode = unigram_roberta()
    config = XLMRobertaConfig(
        **_config(
            vocab_size=len(encode),
            num_labels=1,
            max_position_embeddings=130,
            type_vocab_size=1,
            pad_token_id=1,
            bos_token_id=0,
            eos_token_id=2,
        )
    )
    return _save(XLMRobertaForSequenceClassification(config), encode, folder)


def deberta_reranker(folder: Path) -> Path:
    """mxbai-rerank-large-v1: DeBERTa-v3, relative positions."""
    import torch
    from transformers import DebertaV2Config, DebertaV2ForSequenceClassification

    torch.manual_seed(3)
    encode = unigram_deberta()
    config = DebertaV2Config(
        **_config(
            vocab_size=len(encode),
            num_labels=1,
            relative_attention=True,
            position_buckets=16,
            norm_rel_ebd="layer_norm",
            share_att_key=True,
            pos_att_type=["p2c", "c2p"],
            type_vocab_size=0,
            position_biased_input=False,
            max_position_embeddings=128,
            pooler_hidden_size=16,
        )
    )
    return _save(DebertaV2ForSequenceClassification(config), encode, folder)


def jina_reranker(folder: Path, twin: Path) -> Path:
    """jina-reranker-v2: the weights of `twin` (made by roberta_reranker) in the layout of flash-attn, in
    bfloat16, beside code that must never run."""
    import torch
    from safetensors.torch import load_file, save_file

    unigram_roberta().save_pretrained(folder)
    config = json.loads((twin / "config.json").read_text())
    config["auto_map"] = {"AutoModelForSequenceClassification": "modeling_xlm_roberta.XLMRoberta"}
    (folder / "config.json").write_text(json.dumps(config))
    (folder / "modeling_xlm_roberta.py").write_text("raise SystemExit('code of a model was run')")
    native = load_file(twin / "model.safetensors")
    stored: dict[str, Any] = {}
    for name, tensor in native.items():
        if ".attention.self." in name:
            if ".query." in name:
                parts = [native[name.replace(".query.", f".{p}.")] for p in ("query", "key", "value")]
                name = name.replace(".attention.self.query.", ".mixer.Wqkv.")
                tensor = torch.cat(parts)
            else:
                continue
        for ours, theirs in (
            ("roberta.embeddings.LayerNorm.", "roberta.emb_ln."),
            (".encoder.layer.", ".encoder.layers."),
            (".attention.output.dense.", ".mixer.out_proj."),
            (".attention.output.LayerNorm.", ".norm1."),
            (".intermediate.dense.", ".mlp.fc1."),
            (".output.dense.", ".mlp.fc2."),
            (".output.LayerNorm.", ".norm2."),
        ):
            name = name.replace(ours, theirs)
        stored[name] = tensor.to(torch.bfloat16)
    save_file(stored, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def bert_encoder(folder: Path, *, seed: int = 4) -> Path:
    """MedCPT's query and article encoders, and the body of a sentence-transformers model."""
    import torch
    from transformers import BertConfig, BertModel

    torch.manual_seed(seed)
    encode = wordpiece()
    config = BertConfig(**_config(vocab_size=len(encode), max_position_embeddings=512))
    return _save(BertModel(config), encode, folder)


def sentence_encoder(folder: Path, *, similarity: str = "cosine", pooling: str = "mean") -> Path:
    """A sentence-transformers folder: 32 tokens, prompts for queries and documents."""
    bert_encoder(folder)
    modules = ["Transformer", "Pooling"]
    _json(
        folder / "modules.json",
        [
            {"idx": i, "name": str(i), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for i, (kind, path) in enumerate(zip(modules, ("", "1_Pooling"), strict=True))
        ],
    )
    _json(folder / "sentence_bert_config.json", {"max_seq_length": 32, "do_lower_case": False})
    (folder / "1_Pooling").mkdir()
    _json(
        folder / "1_Pooling" / "config.json",
        {
            "word_embedding_dimension": 16,
            "pooling_mode_cls_token": pooling == "cls",
            "pooling_mode_mean_tokens": pooling == "mean",
        },
    )
    _json(
        folder / "config_sentence_transformers.json",
        {
            "prompts": {"query": "what is ", "document": "the "},
            "default_prompt_name": None,
            "similarity_fn_name": similarity,
        },
    )
    return folder


def _json(file: Path, value: object) -> None:
    file.write_text(json.dumps(value))
