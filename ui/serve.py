"""The UI on an address: loopback, or anywhere else behind a password (C16)."""

import ipaddress
import socket
from collections.abc import Callable

from assistant.errors import InputError, UsageError
from ui.access import Access
from ui.desk import Desk


def serve(
    desk: Desk,
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    access: Access = Access(),  # noqa: B008
    ready: Callable[[str], None] | None = None,
) -> None:
    """Run the UI until it is stopped. `ready` is told the page's address once the port is held.

    Raises UsageError on an address other than loopback without a password, or with /v1 open but without a
    key where one is needed, InputError when the address or port cannot be had.
    """
    check_access(host, access)
    import uvicorn
    from starlette.middleware.trustedhost import TrustedHostMiddleware

    from ui.app import create

    with listen(host, port) as listener:
        app = create(desk, access)
        if is_loopback(host):  # another site's name that resolves here must not read the library
            app.add_middleware(
                TrustedHostMiddleware, allowed_hosts=["localhost", "127.0.0.1", "[::1]", "::1", host]
            )
        config = uvicorn.Config(
            app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=3
        )
        if ready is not None:
            ready(f"http://{f'[{host}]' if ':' in host else host}:{listener.getsockname()[1]}/")
        uvicorn.Server(config).run(sockets=[listener])


def check_access(host: str, access: Access) -> None:
    if access.password is None and not is_loopback(host):
        raise UsageError(
            f"--host {host} can be reached from other machines and needs a password:"
            " set ASSISTANT_PASSWORD or give --password-file, or leave --host out"
        )
    if access.openai and access.key is None and (access.password is not None or not is_loopback(host)):
        raise UsageError(
            "--openai-api beside a password, or on an address other than loopback, needs a key that its"
            " callers show: set ASSISTANT_API_KEY or ASSISTANT_API_KEY_FILE"
        )


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=128)
    except OSError as error:
        raise InputError(
            f"cannot listen on {host} port {port} ({error.strerror}); choose another --port"
        ) from None
