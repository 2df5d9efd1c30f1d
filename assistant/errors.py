"""Everything that can go wrong and is ours to explain.

AssistantError
    UsageError            the call itself is wrong (exit status 2)
    ConfigError           a setting is unknown, malformed or out of range
    InputError            a file or a text that cannot be used
        FormatError       not of the format it was taken for
    ModelError            a model cannot be used
        ModelMissing      not on this machine; names the command that installs it
    StoreError            the index cannot be used
        IndexMissing      nothing there yet
        IndexMismatch     made with another encoder or tokeniser
        IndexBusy         another process holds it
        IndexDamaged      a file is missing or unreadable
    ServiceError          a service said no, or nothing
    AuditError            an answer could not be recorded
    EgressRefused         a service was asked for that the settings do not allow
    EgressBlocked         what was to be sent holds what looks like a person's data; nothing was sent
    PackageMissing        an optional package; names the command that installs it

Each message names the input, the place and what to do next, in one line.
"""

from typing import Any


class AssistantError(Exception):
    """The base: what a command prints in one line before it leaves with `status`."""

    status = 1


class UsageError(AssistantError):
    status = 2


class ConfigError(AssistantError):
    status = 2


class InputError(AssistantError):
    pass


class FormatError(InputError):
    pass


class ModelError(AssistantError):
    pass


class ModelMissing(ModelError):
    pass


class StoreError(AssistantError):
    pass


class IndexMissing(StoreError):
    pass


class IndexMismatch(StoreError):
    pass


class IndexBusy(StoreError):
    pass


class IndexDamaged(StoreError):
    pass


class ServiceError(AssistantError):
    """`retryable`: the same call may succeed later (429, 5xx, a timeout). `sent`: what left this machine."""

    def __init__(self, message: str, *, retryable: bool = False, sent: str = "") -> None:
        super().__init__(message)
        self.retryable = retryable
        self.sent = sent


class AuditError(AssistantError):
    pass


class EgressRefused(AssistantError):
    pass


class EgressBlocked(AssistantError):
    """`findings`: what was found, by kind and place, never the words themselves."""

    def __init__(self, message: str, findings: tuple[Any, ...] = ()) -> None:
        super().__init__(message)
        self.findings = findings


class PackageMissing(AssistantError):
    pass
