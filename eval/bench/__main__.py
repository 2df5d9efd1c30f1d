"""python -m eval.bench [DIR ...] [--limit N] [--runs N] [--reranker NAME] [--json]"""

import argparse
import sys
from pathlib import Path

from assistant.config import load
from assistant.errors import AssistantError
from eval.bench.speed import bench, table, to_json


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m eval.bench", description=bench.__doc__)
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR", help="a folder in BEIR format")
    parser.add_argument("--limit", type=int, default=300, help="passages of each folder")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--reranker", default="", help="any reranker's spec")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    try:
        found = bench(
            given.folders, load().settings, limit=given.limit, runs=given.runs, reranker=given.reranker
        )
    except AssistantError as error:
        sys.stderr.write(f"eval.bench: {error}\n")
        return error.status
    sys.stdout.write((to_json(found) if given.json else table(found)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
