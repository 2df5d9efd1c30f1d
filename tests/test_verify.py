from assistant.types import Sentence
from assistant.verify import check
from tests.build import evidence

PASSAGES = evidence("Apixaban 5 mg twice daily is usual. Check renal function.", "Warfarin needs INR checks.")


def test_a_quotation_is_supported() -> None:
    done = check(Sentence(text="Apixaban 5 mg twice daily is usual.", citations=(1,)), PASSAGES)
    assert (done.verdict, done.reasons) == ("supported", ())


def test_an_altered_quotation_is_contradicted() -> None:
    done = check(Sentence(text="Apixaban 50 mg twice daily is usual.", citations=(1,)), PASSAGES)
    assert done.verdict == "contradicted"
    assert "the passage has 5 mg, not 50 mg" in done.reasons


def test_a_quotation_cited_to_another_passage_is_not_supported() -> None:
    done = check(Sentence(text="Warfarin needs INR checks.", citations=(1,)), PASSAGES)
    assert done.verdict == "unsupported"


def test_one_invented_citation_spoils_the_sentence() -> None:
    done = check(Sentence(text="Warfarin needs INR checks.", citations=(2, 9)), PASSAGES)
    assert done.verdict == "unsupported"
    assert done.reasons == ("[9] is not among the evidence",)


def test_no_citation() -> None:
    done = check(Sentence(text="Warfarin needs INR checks.", citations=()), PASSAGES)
    assert (done.verdict, done.reasons) == ("unsupported", ("it cites nothing",))


def test_the_text_is_never_changed() -> None:
    before = Sentence(text="Anything [3] at all", citations=(7,))
    assert check(before, PASSAGES).text == before.text
