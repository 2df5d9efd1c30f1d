"""The classes of identifiers that must not leave, and where one stands in a text."""

from dataclasses import dataclass
from typing import Literal, get_args

Kind = Literal[
    "name",
    "place",
    "date",
    "age",
    "phone",
    "fax",
    "email",
    "ssn",
    "record",
    "plan",
    "account",
    "licence",
    "vehicle",
    "device",
    "url",
    "ip",
    "biometric",
    "photo",
    "code",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The 18 classes of 45 CFR 164.514(b)(2)(i), A to R; "age" is class C's part on ages over 89."""

SPOKEN: dict[str, str] = {
    "name": "a name",
    "place": "a place smaller than a state",
    "date": "a date",
    "age": "an age over 89",
    "phone": "a telephone number",
    "fax": "a fax number",
    "email": "an e-mail address",
    "ssn": "a social security number",
    "record": "a medical record number",
    "plan": "a health plan number",
    "account": "an account number",
    "licence": "a licence or certificate number",
    "vehicle": "a vehicle's number",
    "device": "a device's number",
    "url": "a web address",
    "ip": "an IP address",
    "biometric": "a biometric mark",
    "photo": "a photograph",
    "code": "an identifying code",
}


@dataclass(frozen=True, slots=True)
class Span:
    """text[start:end], in characters; not empty, without white space at its ends."""

    start: int
    end: int
    kind: Kind
