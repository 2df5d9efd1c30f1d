"""`assistant password`: a password as the hash that a password file keeps."""

import typer

from assistant.errors import UsageError


def password() -> None:
    """Ask for a password twice and print its hash, for chat --password-file: assistant password > FILE"""
    from ui.access import SHORTEST_PASSWORD, Secret

    words = typer.prompt("Password", hide_input=True, err=True)
    if typer.prompt("Again", hide_input=True, err=True) != words:
        raise UsageError("the two passwords differ; try again")
    if len(words) < SHORTEST_PASSWORD:
        raise UsageError(f"the password has fewer than {SHORTEST_PASSWORD} characters; take a longer one")
    print(Secret.of(words))
