"""Phone numbers and e-mail addresses, shown so far that one knows one's own."""

import re

MASK = "•••"
SHORTEST_SHOWN = 10
"""Of a shorter number the signs at its ends would be nearly all of it."""
FEWEST_DIGITS = 7
"""Numbers in a text that have fewer are codes."""

_CODE = re.compile(r"\((?:HTTP )?\d{3,6}\)")
_MAIL = re.compile(r"""("[^"]+"|[^\s<>()"',;:@]+)(@|%40)(?=[^\s@])""")
_NUMBER = re.compile(r"(?:\+\d+|\d{2,})(?:[\s().-]{0,3}\d{2,})*")
"""Digits in groups; one that stands alone belongs to a mail server's code, as in 5.1.1."""
_NO_PHONE = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|\d{4}-\d\d-\d\d")
"""An IP address and a date."""


def masked_phone(number: str) -> str:
    return f"{number[:4]}{MASK}{number[-3:]}" if len(number) >= SHORTEST_SHOWN else MASK


def masked_mail(address: str) -> str:
    name, at, domain = address.partition("@")
    return f"{name[:1]}{MASK}{at}{domain}"


def mask_addresses(text: str) -> str:
    """The text with the e-mail addresses and phone numbers in it masked; a code that it begins with stays."""
    code = _CODE.match(text)
    head = code[0] if code else ""
    rest = _MAIL.sub(lambda mail: mail[1].lstrip('"')[:1] + MASK + mail[2], text[len(head) :])
    return head + _NUMBER.sub(_masked_number, rest)


def _masked_number(found: re.Match[str]) -> str:
    number = found[0]
    is_code = sum(character.isdigit() for character in number) < FEWEST_DIGITS
    return number if is_code or _NO_PHONE.fullmatch(number) else masked_phone(number)
