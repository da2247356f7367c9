"""Whoever reads or does something here: a signed-in account, or a program with a token."""

from typing import Protocol

from core.domain.states import Role


class Acting(Protocol):
    """What deeds need to know of him; `dashboard.auth.Account` is one."""

    @property
    def username(self) -> str:
        """As the audit trail calls him."""

    @property
    def departments(self) -> tuple[str, ...]:
        """Those he may see; empty: all."""

    def may(self, role: Role) -> bool:
        """Whether he has this role or a higher one. A token has none: its scopes were asked before."""
