"""Three invented notes in an index with a word-hash encoder; run with a folder, they serve an agent."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from assistant import agents
from assistant.config import load
from assistant.encoders import HashEncoder
from assistant.functions import Functions
from assistant.generate.extractive import Extractive
from assistant.index.store import open_index
from assistant.pipeline import Parts
from ingest.run import ingest
from rerankers.base import WordOverlap

NOTES = {
    "warfarin.md": "# Warfarin and CYP2C9\n\nCYP2C9 poor metabolisers need a lower dose of warfarin.\n",
    "apixaban.md": "# Apixaban\n\nApixaban 5 mg twice daily is the usual dose in atrial fibrillation.\n",
    "asthma.md": "# Asthma\n\nInhaled corticosteroids are the mainstay of asthma treatment in adults.\n",
}


@contextmanager
def functions(folder: Path) -> Iterator[Functions]:
    for name, text in NOTES.items():
        (folder / name).write_text(text)
    encoder = HashEncoder(256)
    loaded = load({"index": folder / "index", "models": folder / "models"}, environ={})
    with open_index(loaded.settings, encoder, create=True) as index:
        ingest([folder / name for name in NOTES], index, encoder)
        parts = Parts(
            settings=loaded.settings,
            index=index,
            encoder=encoder,
            reranker=WordOverlap(),
            generator=Extractive(encoder),
        )
        yield Functions(loaded, parts)


if __name__ == "__main__":
    with functions(Path(sys.argv[1])) as made:
        server = agents.server(made)
        search = made.search

        def loud(*args: object, **more: object) -> object:
            print("not the protocol")
            return search(*args, **more)  # type: ignore[arg-type]

        made.search = loud  # type: ignore[method-assign, assignment]
        server.run("stdio")
