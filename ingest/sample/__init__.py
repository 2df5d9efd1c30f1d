"""The sample library: synthetic teaching notes with questions and judgements, in BEIR format."""

from pathlib import Path

FOLDER = Path(__file__).parent
CORPUS = FOLDER / "corpus.jsonl"
