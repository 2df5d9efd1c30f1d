"""Who may come in: a password kept as a hash, sessions that end, and log-ins that grow slow (C16)."""

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from assistant.errors import ConfigError

SHORTEST_PASSWORD = 8
SHORTEST_KEY = 20
IDLE = 60 * 60.0  # seconds without a request, after which the password is asked again
LIFETIME = 12 * 60 * 60.0  # and after so many in any case
FREE_TRIES = 5  # wrong passwords from one address before it has to wait
LONGEST_WAIT = 15 * 60.0
ADDRESSES = 10_000  # that are remembered
COST = (1 << 14, 8, 1)  # scrypt's n, r, p: 16 MB and some 50 ms a try (RFC 7914)

Clock = Callable[[], float]


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """scrypt over a random salt; the words themselves are not kept."""

    salt: bytes
    digest: bytes
    cost: tuple[int, int, int] = COST

    @classmethod
    def of(cls, words: str) -> "Secret":
        salt = secrets.token_bytes(16)
        return cls(salt, _scrypt(words, salt, COST))

    @classmethod
    def read(cls, line: str, shortest: int, what: str) -> "Secret":
        """From a password, or from the line that `str` makes of a Secret.

        Raises ConfigError, naming `what`, for one that is too short or a line that is damaged.
        """
        if not line.startswith("scrypt$"):
            if len(line) < shortest:
                raise ConfigError(f"{what} has fewer than {shortest} characters; set a longer one")
            return cls.of(line)
        try:
            _, n, r, p, salt, digest = line.split("$")
            cost = (int(n), int(r), int(p))
            if cost != COST:
                raise ValueError
            return cls(bytes.fromhex(salt), bytes.fromhex(digest), cost)
        except ValueError:
            raise ConfigError(f"{what}: the line that begins with scrypt$ is damaged; make it anew") from None

    def __str__(self) -> str:
        return "$".join(["scrypt", *map(str, self.cost), self.salt.hex(), self.digest.hex()])

    def matches(self, words: str) -> bool:
        """In a time that does not depend on how much of it is right."""
        return hmac.compare_digest(_scrypt(words, self.salt, self.cost), self.digest)


def _scrypt(words: str, salt: bytes, cost: tuple[int, int, int]) -> bytes:
    n, r, p = cost
    return hashlib.scrypt(words.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=1 << 26)


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """`openai`: whether /v1 is open. `key`: what its callers show; None on loopback without a password."""

    password: Secret | None = None
    openai: bool = False
    key: Secret | None = None
    idle: float = IDLE
    lifetime: float = LIFETIME


class Tokens(dict[str, str]):
    """Gradio's table of log-ins, token -> user name, in which each one ends: unused for `idle` seconds, or
    `lifetime` seconds after it began."""

    def __init__(self, idle: float, lifetime: float, clock: Clock = time.monotonic) -> None:
        super().__init__()
        self._idle, self._lifetime, self._clock = idle, lifetime, clock
        self._times: dict[str, tuple[float, float]] = {}  # begun, last used

    def __setitem__(self, token: str, user: str) -> None:
        now = self._clock()
        for old in [t for t, times in self._times.items() if self._over(times, now)]:
            self.pop(old)
        self._times[token] = now, now
        super().__setitem__(token, user)

    def get(self, token: str | None, default: str | None = None) -> str | None:  # type: ignore[override]
        if token is None or token not in self._times:
            return default
        now = self._clock()
        if self._over(self._times[token], now):
            self.pop(token)
            return default
        self._times[token] = self._times[token][0], now
        return super().get(token, default)

    def pop(self, token: str, *default: str) -> str:  # type: ignore[override]
        self._times.pop(token, None)
        return super().pop(token, *default)

    def __delitem__(self, token: str) -> None:
        self._times.pop(token, None)
        super().__delitem__(token)

    def _over(self, times: tuple[float, float], now: float) -> bool:
        return now - times[0] > self._lifetime or now - times[1] > self._idle


@dataclass(slots=True)
class Tries:
    """Wrong passwords by address: from the sixth on, each doubles the wait before the next."""

    clock: Clock = time.monotonic
    _wrong: OrderedDict[str, tuple[int, float]] = field(default_factory=OrderedDict)  # count, when

    def wait(self, address: str) -> float:
        """Seconds until this address may try again; 0 when it may."""
        count, when = self._wrong.get(address, (0, 0.0))
        if count < FREE_TRIES:
            return 0.0
        pause = min(LONGEST_WAIT, 2.0 ** min(count - FREE_TRIES + 1, 20))
        return max(0.0, when + pause - self.clock())

    def wrong(self, address: str) -> None:
        self._wrong[address] = self._wrong.pop(address, (0, 0.0))[0] + 1, self.clock()
        if len(self._wrong) > ADDRESSES:
            self._wrong.popitem(last=False)

    def right(self, address: str) -> None:
        self._wrong.pop(address, None)
