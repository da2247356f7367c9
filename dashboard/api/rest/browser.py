"""For scripts of our own pages: the token that requests with a cookie must repeat."""

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel

from dashboard.api.rest.access import CSRF_HEADER, Cookie, account_caller
from dashboard.api.rest.problems import Refused, responses
from dashboard.auth import CSRF_COOKIE, csrf_matches, new_csrf_token
from dashboard.cookies import set_cookie_header

router = APIRouter(tags=["session"])


class CsrfToken(BaseModel):
    header: str
    token: str


@router.get(
    "/csrf",
    summary="The token for X-CSRF-Token",
    response_model=CsrfToken,
    responses=responses(401, 403),
)
def csrf(request: Request, response: Response, cookie: Cookie) -> CsrfToken:
    """Sets the cookie, too, where the browser has none. Other sites cannot read the answer."""
    if account_caller(cookie) is None:
        raise Refused("not_signed_in")
    token = request.cookies.get(CSRF_COOKIE)
    if token is None or not csrf_matches(token, token):
        token = new_csrf_token()
        response.headers.append("set-cookie", set_cookie_header(CSRF_COOKIE, token))
    response.headers["cache-control"] = "no-store"
    return CsrfToken(header=CSRF_HEADER, token=token)
