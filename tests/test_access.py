"""Passwords as hashes, sessions that end, log-ins that grow slow, and what is turned away at the door."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.errors import ConfigError
from ui.access import LONGEST_WAIT, Secret, Tokens, Tries
from ui.guard import LARGEST_BODY, Guard
from ui.headers import own_site


@settings(max_examples=8, deadline=None)
@given(st.text(min_size=1, max_size=40), st.text(min_size=1, max_size=40))
def test_a_secret_knows_its_words_and_keeps_none(words: str, other: str) -> None:
    secret = Secret.of(words)
    assert secret.matches(words)
    assert secret.matches(other) == (words == other)
    again = Secret.read(str(secret), 8, "password")
    assert again == secret
    assert Secret.of(words) != secret, "each has a salt of its own"
    assert "digest" not in repr(secret)


def test_a_password_that_is_too_short_or_damaged_is_named() -> None:
    with pytest.raises(ConfigError, match="password has fewer than 8"):
        Secret.read("seven77", 8, "password")
    whole = str(Secret.of("a long password"))
    for damaged in (whole[:-1], whole.replace("$8$", "$9$"), "scrypt$", whole + "$"):
        with pytest.raises(ConfigError, match="damaged") as said:
            Secret.read(damaged, 8, "password")
        assert whole[-40:-1] not in str(said.value)


def test_sessions_end_when_unused_and_in_any_case() -> None:
    now = [0.0]
    tokens = Tokens(idle=10, lifetime=25, clock=lambda: now[0])
    tokens["a"] = "anna"
    for now[0] in (9.0, 18.0, 25.0):
        assert tokens.get("a") == "anna"
    now[0] = 25.1  # used 0.1 s ago, and yet
    assert tokens.get("a") is None
    tokens["b"] = "ben"
    now[0] = 35.2
    assert tokens.get("b") is None
    assert (tokens.get(None), tokens.get("never", "x")) == (None, "x")
    tokens["c"] = "carl"
    now[0] = 99.0
    tokens["d"] = "dora"  # the table does not grow by log-ins that are over
    assert list(tokens) == ["d"]
    del tokens["d"]
    assert tokens.get("d") is None


def test_wrong_passwords_wait_longer_each_time_and_by_address() -> None:
    now = [0.0]
    tries = Tries(clock=lambda: now[0])
    for _ in range(4):
        tries.wrong("a")
    assert tries.wait("a") == 0
    waits = []
    for _ in range(12):
        tries.wrong("a")
        waits.append(tries.wait("a"))
    assert waits[:4] == [2, 4, 8, 16]
    assert waits[-1] == LONGEST_WAIT
    assert tries.wait("b") == 0
    now[0] = LONGEST_WAIT
    assert tries.wait("a") == 0
    tries.right("a")
    tries.wrong("a")
    assert tries.wait("a") == 0


def asked(guard: Guard, path: str = "/", *pieces: bytes, **headers: str) -> tuple[int, bytes]:
    """Status, and the body that came through to the inner application."""
    method = "POST" if pieces else "GET"
    named = {"host": "127.0.0.1:7860", **{k.replace("_", "-"): v for k, v in headers.items()}}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "client": ("10.0.0.7", 1),
        "headers": [(k.encode(), v.encode()) for k, v in named.items()],
    }
    waiting = [
        {"type": "http.request", "body": p, "more_body": i + 1 < len(pieces)} for i, p in enumerate(pieces)
    ]
    told: list[Any] = []

    async def receive() -> Any:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        told.append(message)

    asyncio.run(guard(scope, receive, send))
    return told[0]["status"], told[1].get("body", b"")


def inner(status: int = 200) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        message = await receive() if scope["method"] == "POST" else {"body": b""}
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": message["body"]})

    return app


def test_requests_of_other_sites_are_refused() -> None:
    guard = Guard(inner())
    assert asked(guard)[0] == 200
    assert asked(guard, origin="http://127.0.0.1:7860")[0] == 200
    for other in (
        "http://evil.example",
        "null",
        "http://127.0.0.1:7861",
        "http://127.0.0.1.evil.example:7860",
    ):
        assert asked(guard, origin=other)[0] == 403, other
        assert asked(guard, "/gradio_api/queue/join", b"{}", origin=other)[0] == 403, other


def test_a_body_is_bounded_whatever_its_length_says() -> None:
    guard = Guard(inner())
    assert asked(guard, "/x", b"ab", b"cd") == (200, b"abcd")
    half = b"x" * (LARGEST_BODY // 2)
    assert asked(guard, "/x", half, half)[0] == 200
    assert asked(guard, "/x", half, half, b"x")[0] == 413
    for length in (str(LARGEST_BODY + 1), "9" * 40, "-1", "1e3"):
        assert asked(guard, "/x", b"x", content_length=length)[0] == 413, length


def test_after_wrong_passwords_the_door_stays_shut_for_a_while() -> None:
    guard = Guard(inner(400))
    now = [0.0]
    guard.tries = Tries(clock=lambda: now[0])
    assert [asked(guard, "/login", b"x")[0] for _ in range(6)] == [400] * 5 + [429]
    assert asked(guard, "/config")[0] == 400, "other paths are not concerned"
    now[0] = 2.1
    guard.app = inner(200)
    assert asked(guard, "/login", b"x")[0] == 200
    assert guard.tries.wait("10.0.0.7") == 0


def test_cookies_stay_on_their_own_site() -> None:
    assert own_site("a=b; HttpOnly; Path=/; SameSite=none; Secure") == (
        "a=b; HttpOnly; Path=/; Secure; SameSite=Lax"
    )
    assert own_site("a=b; HttpOnly; Path=/; SameSite=lax").count("SameSite") == 1


def test_a_password_or_its_hash_comes_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from typer.testing import CliRunner

    from assistant import launch
    from assistant.cli import app
    from assistant.config import load

    monkeypatch.setenv("ASSISTANT_CONFIG", "")
    twice = "a long password\na long password\n"
    made = CliRunner().invoke(app, ["password"], input=twice).stdout.strip().splitlines()[-1]
    assert made.startswith("scrypt$")
    file = tmp_path / "password"
    for line in ("a long password\nmore\n", made + "\n"):
        file.write_text(line)
        access = launch.check(load({}, {"ASSISTANT_PASSWORD_FILE": str(file)}), "0.0.0.0")
        assert access.password is not None
        assert access.password.matches("a long password")
    for env, said in (
        ({"ASSISTANT_PASSWORD_FILE": str(tmp_path / "none")}, "cannot read"),
        ({"ASSISTANT_PASSWORD_FILE": str(file), "ASSISTANT_PASSWORD": "another one"}, "leave one out"),
        ({"ASSISTANT_PASSWORD": "short"}, "password has fewer than 8"),
        ({"ASSISTANT_API_KEY": "a long password"}, "api_key has fewer than 20"),
    ):
        with pytest.raises(ConfigError, match=said):
            launch.check(load({}, env), "127.0.0.1", openai=True)
