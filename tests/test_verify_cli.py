import io
import json
import sys

import pytest

from assistant import cli

PASSAGE = "Bisoprolol 10 mg once daily reduced mortality."


def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, *options: str
) -> tuple[int, str]:
    monkeypatch.setattr(sys, "argv", ["assistant", "verify", *options])
    monkeypatch.setattr(sys, "stdin", io.StringIO(text))
    with pytest.raises(SystemExit) as left:
        cli.main()
    return int(left.value.code or 0), capsys.readouterr().out


def test_a_line_for_each_claim(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [
        {"claim": PASSAGE, "passage": PASSAGE},
        {"claim": "Bisoprolol 20 mg once daily reduced mortality.", "passages": ["Nothing.", PASSAGE]},
    ]
    status, out = run(monkeypatch, capsys, "\n\n".join(map(json.dumps, lines)), "--json")
    found = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert found[0] == {"verdict": "supported", "score": 1.0, "reasons": []}
    assert found[1]["verdict"] == "contradicted"
    assert "a cited passage has 10 mg, not 20 mg" in found[1]["reasons"]


@pytest.mark.parametrize(
    "bad",
    [
        "{",
        "[]",
        '{"claim": 3, "passage": "x"}',
        '{"claim": "x"}',
        '{"claim": "x", "passages": []}',
        "[" * 100_000,
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(
    bad: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    good = json.dumps({"claim": PASSAGE, "passage": PASSAGE})
    status, out = run(monkeypatch, capsys, f"{good}\n{bad}\n{good}\n", "--json")
    first, error, last = map(json.loads, out.splitlines())
    assert status == 1
    assert error["line"] == 2
    assert error["error"]
    assert first["verdict"] == last["verdict"] == "supported"


def test_for_a_reader(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    line = json.dumps({"claim": "Bisoprolol increased mortality.", "passage": PASSAGE})
    status, out = run(monkeypatch, capsys, line + "\nno\n")
    assert status == 1
    assert out.startswith("contradicted")
    assert "line 2: not JSON" in out
