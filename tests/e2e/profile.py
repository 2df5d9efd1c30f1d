"""Where a question's time goes, as the page shows it: `python -m tests.e2e.profile` on the sample library."""

from itertools import pairwise
from statistics import median
from typing import Any

from tests.e2e.picture import QUESTION, ask, page_on, sample_chat

QUESTIONS = (
    QUESTION,
    "Which antibiotic is given for community-acquired pneumonia?",
    "How is hyperkalaemia treated?",
    "When is anticoagulation started in atrial fibrillation?",
    "What is the first treatment of anaphylaxis?",
)
# the first time each thing is on the page, in ms after the key press
WATCH = """() => { const seen = window.seen = {}; let begin = 0, before = '';
    const note = name => { seen[name] ??= performance.now() - begin; };
    const turn = () => document.querySelector('#current .turn');
    addEventListener('keydown', e => {
        if (e.key !== 'Enter') return;
        begin = performance.now(); before = turn()?.id;
        for (const name in seen) delete seen[name]; }, true);
    new MutationObserver(() => {
        const now = turn();
        if (!begin || !now || now.id === before) return;
        note('turn');
        const stage = document.querySelector('#status .progress strong');
        if (stage) note(stage.innerText);
        if (now.querySelector('.sentence')) note('first sentence');
        if (now.querySelector('.colophon')) note('last verdict');
    }).observe(document.body, {childList: true, subtree: true, characterData: true}); }"""


def measured(page: Any, question: str) -> dict[str, float]:
    ask(page, question)
    seen: dict[str, float] = page.evaluate("window.seen")
    return seen


def main() -> None:
    with sample_chat() as address, page_on(address) as page:
        ask(page, "What is the dose of paracetamol?")  # the models are loaded now
        page.evaluate(WATCH)
        runs = [measured(page, question) for question in QUESTIONS]
    shared = [name for name in runs[0] if all(name in run for run in runs)]
    middle = {name: median(run[name] for run in runs) for name in shared}
    steps = [("Enter", 0.0), *sorted(middle.items(), key=lambda item: item[1])]
    for name, value in steps[1:]:
        print(f"{name:16} {value:7.0f} ms after Enter")
    costs = sorted(((b[1] - a[1], f"{a[0]} -> {b[0]}") for a, b in pairwise(steps)), reverse=True)
    print("largest:", "; ".join(f"{step} {cost:.0f} ms" for cost, step in costs[:3]))


if __name__ == "__main__":
    main()
