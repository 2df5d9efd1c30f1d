"""Whether an address is this machine's own."""

import ipaddress
from urllib.parse import urlsplit


def here(url: str | None) -> bool:
    """True for localhost and loopback addresses; False for any other name, also one that leads back here."""
    try:
        host = urlsplit(url or "").hostname or ""
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
