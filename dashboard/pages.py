"""Which pages there are, where they live and who may open them."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from core.domain.states import Role


@dataclass(frozen=True)
class PageSpec:
    """One page of the sidebar.

    `view` names a function without parameters as "module:function"; it is imported when the page opens, so
    that a page costs nothing until somebody looks at it.
    """

    url_path: str
    view: str
    icon: str
    """A Material symbol, ":material/name:"."""
    min_role: Role
    title_key: str

    def load(self) -> Callable[[], None]:
        module, _, function = self.view.partition(":")
        view: Callable[[], None] = getattr(import_module(module), function)
        return view


PAGES: list[PageSpec] = [
    PageSpec("live", "dashboard.views.live:show", ":material/videocam:", Role.VIEWER, "shell.page.live"),
]
"""In the order of the sidebar; the first one a role may open is where it lands."""
