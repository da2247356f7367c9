"""Long lists in pages: a plain JSON array, with the cursor of the next page in headers.

`X-Next-Cursor` is what the next request's `cursor` must be, and `Link` the whole address; both are absent on
the last page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Query, Request, Response

from dashboard.api.rest.problems import Refused

NEXT_CURSOR = "X-Next-Cursor"
DEFAULT_LIMIT = 500
MAX_LIMIT = 1000

T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """The part of a list that was asked for."""

    request: Request
    response: Response
    limit: int
    cursor: str | None

    def after(self) -> int:
        """The id behind which the page begins; 0 for the first page."""
        if self.cursor is None:
            return 0
        if not (self.cursor.isascii() and self.cursor.isdecimal() and len(self.cursor) <= 18):
            raise Refused("cursor_unknown")
        return int(self.cursor)

    def cut(self, rows: Sequence[T], cursor_of: Any) -> Sequence[T]:
        """The page of rows that were read with one more than the limit; tells where the next one begins."""
        if len(rows) > self.limit:
            cursor = str(cursor_of(rows[self.limit - 1]))
            url = self.request.url.include_query_params(cursor=cursor)
            self.response.headers[NEXT_CURSOR] = cursor
            self.response.headers["Link"] = f'<{url.path}?{url.query}>; rel="next"'
        return rows[: self.limit]


def _page(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many at most")] = DEFAULT_LIMIT,
    cursor: Annotated[
        str | None, Query(max_length=64, description=f"`{NEXT_CURSOR}` of the page before")
    ] = None,
) -> Page:
    return Page(request, response, limit, cursor)


Paged = Annotated[Page, Depends(_page)]

HEADERS: dict[str, Any] = {
    NEXT_CURSOR: {
        "description": "The cursor of the next page; absent on the last",
        "schema": {"type": "string"},
    },
    "Link": {"description": 'The next page, `rel="next"`', "schema": {"type": "string"}},
}
