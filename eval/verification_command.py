"""`assistant eval verification`: corruptions of a labelled folder and of the sample library, and claims."""

from pathlib import Path

from assistant.config import Settings
from assistant.errors import InputError
from assistant.progress import counting
from assistant.verify import check
from eval import verification_report
from eval.corruptions import from_answers, from_notes, from_snippets, make
from eval.data import load
from eval.gold import gold, notes, passages
from eval.verification import claims, corruptions, load_claims
from eval.verification_report import VerificationResults
from eval.verifier import NAME, judged


def verification(
    folder: Path,
    split: str,
    settings: Settings,
    *,
    out: Path,
    claims_file: Path | None = None,
    limit: int | None = None,
    each: int,
    seed: int,
) -> VerificationResults:
    """Measure and report into `out`. `limit`: questions, and claims of the file, that are looked at.

    Raises InputError when the folder has no reference answers, or a file cannot be read.
    """
    dataset = load(folder, split, limit=limit)
    ideals = {query: known.ideal for query, known in gold(dataset).items() if known.ideal}
    if not ideals and claims_file is None:
        raise InputError(
            f"{folder}: no question of {split} has metadata.ideal to make corruptions from; give --claims"
        )
    evidence = {query: of for query, of in passages(dataset).items() if query in ideals}
    made = [
        *from_answers(ideals, evidence),
        *from_notes(notes()),
        *from_snippets(evidence),
    ]
    cases = make(made, each=each, seed=seed) if ideals else []
    labelled, skipped = load_claims(claims_file) if claims_file is not None else ([], [])
    with counting() as progress:
        found = VerificationResults(
            dataset=dataset.name,
            split=split,
            seed=seed,
            verifier=NAME,
            corruptions=corruptions(cases, check, progress) if cases else None,
            claims=claims(labelled[:limit], judged, file=claims_file.name, skipped=skipped, progress=progress)
            if claims_file is not None
            else None,
            notes=(*dataset.notes, *skipped[:20]),
        )
    verification_report.save(out, found)
    return found
