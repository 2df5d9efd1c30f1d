"""Claims that their passages support, and the same claims made wrong in ten ways.

Written without regard to how the verifier works: what counts as supported, and what no longer does, is
decided here from the words of the texts alone.
"""

from eval.corruptions.claims import Claim, Passage, from_answers, from_notes, from_snippets
from eval.corruptions.make import KINDS, UNTOUCHED, Case, make

__all__ = [
    "KINDS",
    "UNTOUCHED",
    "Case",
    "Claim",
    "Passage",
    "from_answers",
    "from_notes",
    "from_snippets",
    "make",
]
