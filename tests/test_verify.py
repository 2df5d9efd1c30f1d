from assistant.types import Sentence
from assistant.verify import check
from tests.build import evidence

PASSAGES = evidence("Apixaban 5 mg twice daily is usual. Check renal function.", "Warfarin needs INR checks.")


def test_a_quotation_is_supported() -> None:
    done = check(Sentence(text="Apixaban 5 mg twice daily is usual.", citations=(1,)), PASSAGES)
    assert (done.verdict, done.reasons) == ("supported", ())


def test_an_altered_quotation_is_not() -> None:
    done = check(Sentence(text="Apixaban 50 mg twice daily is usual.", citations=(1,)), PASSAGES)
    assert done.verdict == "unsupported"
    assert "quotation" in done.reasons[0]


def test_a_quotation_cited_to_another_passage_is_not() -> None:
    assert (
        check(Sentence(text="Warfarin needs INR checks.", citations=(1,)), PASSAGES).verdict == "unsupported"
    )


def test_one_invented_citation_spoils_the_sentence() -> None:
    done = check(Sentence(text="Warfarin needs INR checks.", citations=(2, 9)), PASSAGES)
    assert done.verdict == "unsupported"
    assert done.reasons == ("[9] is not among the evidence",)


def test_no_citation() -> None:
    assert check(Sentence(text="Warfarin needs INR checks.", citations=()), PASSAGES).verdict == "unsupported"


def test_the_text_is_never_changed() -> None:
    before = Sentence(text="Anything [3] at all", citations=(7,))
    assert check(before, PASSAGES).text == before.text
