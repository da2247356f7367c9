"""Passwords: what is asked of one, how one is made, and how one is kept.

The rules follow NIST SP 800-63B: length counts, composition does not. Kept is an argon2id hash with
the parameters of RFC 9106 for little memory.
"""

import secrets
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

from core.errors import AccountError

MIN_LENGTH = 10
MAX_LENGTH = 128
"""A longer one would only cost hashing time."""
MIN_DIFFERENT = 5

READABLE = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without letters and digits that look alike on paper."""
GROUPS, GROUP_LENGTH = 4, 4

_HASHER = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


def generate_password() -> str:
    """79 random bits in four groups that can be read out."""
    groups = ("".join(secrets.choice(READABLE) for _ in range(GROUP_LENGTH)) for _ in range(GROUPS))
    return "-".join(groups)


def hash_password(password: str, username: str) -> str:
    """The hash to keep. Raises AccountError, code `password_…`, for a password that is too easy to guess."""
    if len(password) < MIN_LENGTH:
        raise AccountError(
            f"a password needs at least {MIN_LENGTH} characters", code="password_too_short", length=MIN_LENGTH
        )
    if len(password) > MAX_LENGTH:
        raise AccountError(
            f"a password has at most {MAX_LENGTH} characters", code="password_too_long", length=MAX_LENGTH
        )
    if len(set(password)) < MIN_DIFFERENT or username.casefold() in password.casefold():
        raise AccountError(
            "this password is easy to guess; mix more characters and leave the user name out",
            code="password_too_easy",
        )
    return _HASHER.hash(password)


def password_matches(password_hash: str, password: str) -> bool:
    """Takes about as long for a wrong password as for the right one."""
    try:
        return _HASHER.verify(password_hash, password[: MAX_LENGTH + 1])
    except (VerifyMismatchError, InvalidHashError):
        return False


def renewed(password_hash: str, password: str) -> str:
    """The hash of the same password, made anew where it was made at another cost: the time that an answer
    takes must not tell old accounts apart."""
    return _HASHER.hash(password) if _HASHER.check_needs_rehash(password_hash) else password_hash


def spend_hashing_time(password: str) -> None:
    """For an unknown account: the answer must not come sooner than for a known one."""
    password_matches(_nobodys_hash(), password)


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_hex())
