"""The app as a whole: who gets which pages, and what surrounds them."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import streamlit as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session
from streamlit.testing.v1 import AppTest

from core.domain.states import CameraStatus, Role
from core.i18n import LANGUAGES, catalogue
from core.paths import REPOSITORY
from core.storage.models import Camera, Site, User
from dashboard import auth, data
from dashboard.pages import HIDDEN_PAGES, PAGES, PageSpec, pages_of
from dashboard.place import reader_language
from dashboard.shell import tab_title
from tests.dashboard.signed_in import open_view, session_cookie, words_on
from tests.patience import PATIENCE_S
from tests.seed import Seed, working_day

OpenApp = Callable[..., AppTest]


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seed:
    """A working day on which both cameras work."""
    monkeypatch.setenv("GSPE_HOME", str(tmp_path))
    seed = working_day(tmp_path)
    change(seed, Camera, status=CameraStatus.ONLINE, last_frame_at=seed.now, cause=None)
    return seed


@pytest.fixture
def open_app(seed: Seed, monkeypatch: pytest.MonkeyPatch) -> OpenApp:
    """Runs the app in the browser of an account, or of nobody."""

    def open_as(username: str | None, **query: str) -> AppTest:
        cookies = {auth.CSRF_COOKIE: "token"}
        if username is not None:
            cookies[auth.SESSION_COOKIE] = session_cookie(seed, username)
        monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookies))
        data.forget()
        app = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"), default_timeout=PATIENCE_S)
        app.query_params.update(query)
        return app.run()

    return open_as


def change(seed: Seed, model: type[Camera] | type[User], **values: object) -> None:
    with Session(seed.engine) as session, session.begin():
        session.execute(update(model).values(**values))


def forms_on(app: AppTest) -> list[str]:
    """The keys of the forms that the browser posts."""
    return [key for key in ("sign_in", "change_password", "sign_out", "end_all") if _has(app, key)]


def _has(app: AppTest, key: str) -> bool:
    return any(getattr(element, "key", None) == key for element in app.get("bidi_component"))


def test_nobody_gets_the_sign_in_form_and_nothing_else(open_app: OpenApp) -> None:
    app = open_app(None)
    words = words_on(app)
    assert forms_on(app) == ["sign_in"]
    assert "Bengkel Maju" in words
    assert "Ayu" not in words
    assert not app.metric


@pytest.mark.parametrize("cookie", ["", "forged"])
def test_a_forged_cookie_is_nobody(seed: Seed, monkeypatch: pytest.MonkeyPatch, cookie: str) -> None:
    cookies = {auth.SESSION_COOKIE: cookie, auth.CSRF_COOKIE: "token"}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: cookies))
    app = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"), default_timeout=PATIENCE_S).run()
    assert forms_on(app) == ["sign_in"]


def test_a_new_account_gets_the_password_form_first(open_app: OpenApp, seed: Seed) -> None:
    change(seed, User, must_change_password=True)
    app = open_app("admin")
    words = words_on(app)
    assert forms_on(app) == ["change_password", "sign_out"]
    assert "Choose your own" in words
    assert "Ayu" not in words


def test_a_signed_in_account_lands_on_the_first_page(open_app: OpenApp) -> None:
    app = open_app("viewer")
    assert [header.value for header in app.header] == ["Presence"]
    assert forms_on(app) == ["sign_out"]
    assert not app.error


@pytest.mark.parametrize("looks", range(1, 12))
def test_whoever_is_gone_while_the_page_is_built_meets_the_sign_in_form_and_no_failure(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, looks: int
) -> None:
    """A browser that went elsewhere has no cookies any more, at whatever moment the page looks for them."""
    left = [{auth.SESSION_COOKIE: session_cookie(seed, "viewer"), auth.CSRF_COOKIE: "token"}] * looks
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _context: left.pop() if left else {}))
    data.forget()
    app = AppTest.from_file(str(REPOSITORY / "dashboard" / "app.py"), default_timeout=PATIENCE_S).run()
    assert not app.exception
    assert [notice.value for notice in app.error] == []
    assert forms_on(app.run()) == ["sign_in"]


@pytest.mark.parametrize(
    ("username", "lands_on"), [("admin", "First steps"), ("hr", "Presence"), ("admin.gudang", "Presence")]
)
def test_an_administrator_of_the_whole_site_begins_with_the_first_steps(
    open_app: OpenApp, seed: Seed, username: str, lands_on: str
) -> None:
    seed.user("admin.gudang", Role.ADMIN, ("Gudang",))
    with Session(seed.engine) as session, session.begin():
        session.execute(update(Site).values(setup={}))
    assert [header.value for header in open_app(username).header] == [lands_on]


@pytest.mark.parametrize(
    ("role", "last"),
    [
        (Role.VIEWER, "muster"),
        (Role.SUPERVISOR, "reports"),
        (Role.HR, "unknown"),
        (Role.ADMIN, "audit"),
    ],
)
def test_each_role_adds_pages(role: Role, last: str) -> None:
    account = auth.Account(1, "x", role, (), "en", must_change_password=False)
    pages = [spec.url_path for spec in pages_of(account)]
    everything = [spec.url_path for spec in PAGES]
    hidden = [spec.url_path for spec in HIDDEN_PAGES if account.may(spec.min_role)]
    expected = everything[: everything.index(last) + 1] + hidden
    assert sorted(pages) == sorted(expected)


@pytest.mark.parametrize("spec", [*PAGES, *HIDDEN_PAGES], ids=lambda spec: spec.url_path)
def test_a_page_refuses_a_lower_role_by_itself_too(
    seed: Seed, monkeypatch: pytest.MonkeyPatch, spec: PageSpec
) -> None:
    roles = list(Role)
    lower = roles[: roles.index(spec.min_role)]
    for role in lower:
        page = open_view(seed, monkeypatch, spec.view, str(role)).run()
        assert [error.proto.type for error in page.exception] == ["core.errors.AccessDenied"]
    page = open_view(seed, monkeypatch, spec.view, str(spec.min_role)).run()
    assert not page.exception


@pytest.mark.parametrize("spec", [*PAGES, *HIDDEN_PAGES], ids=lambda spec: spec.url_path)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_a_title_in_every_language(spec: PageSpec, language: str) -> None:
    assert spec.title_key in catalogue(language)


def test_the_badge_counts_the_open_alerts_of_the_readers_departments(open_app: OpenApp) -> None:
    def badge(username: str) -> list[str]:
        return re.findall(r"Open alerts: <b>(\d+)</b>", words_on(open_app(username)))

    assert badge("supervisor") == ["1"]
    assert badge("spv.gudang") == [], "the one open alert is of Kantor"
    assert badge("viewer") == [], "a viewer has no page of alerts"


@pytest.mark.parametrize(("count", "title"), [(0, "Live · GSPE"), (2, "(2) Live · GSPE")])
def test_the_tabs_title_begins_with_the_open_alerts(count: int, title: str) -> None:
    assert tab_title("Live", count) == title


def test_a_silent_worker_raises_the_red_bar(open_app: OpenApp, seed: Seed) -> None:
    seed.worker(age_s=60)
    assert "The worker has been silent since" in open_app("viewer").error[0].value.replace("\\", "")


def test_names_in_bars_are_no_markup(open_app: OpenApp, seed: Seed) -> None:
    change(seed, Camera, name="[x](http://evil.example) **1**", last_frame_at=seed.now - timedelta(minutes=1))
    assert r"\[x\]\(http\://evil.example\) \*\*1\*\*" in open_app("viewer").error[0].value


def test_demo_and_plain_http_are_said_before_sign_in_too(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GSPE_DEMO", "1")
    monkeypatch.setenv("GSPE_PLAIN_HTTP", "1")
    app = open_app(None)
    assert "This is a demo" in app.info[0].value
    assert "without encryption" in app.warning[0].value


def test_the_language_is_kept_with_the_account(open_app: OpenApp, seed: Seed) -> None:
    app = open_app("viewer")
    app.sidebar.get("button_group")[0].set_value("id").run()
    assert [header.value for header in app.header] == ["Kehadiran"]
    with Session(seed.engine) as session:
        languages = {user.username: user.language for user in session.scalars(select(User))}
    assert (languages["viewer"], languages["supervisor"]) == ("id", "en")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"problem": "wrong"}, "User name or password is wrong."),
        ({"problem": "form_expired"}, "The form was open for too long. Please try again."),
        ({"problem": "no_such_code"}, None),
        ({}, None),
    ],
)
def test_the_form_says_what_went_wrong(
    open_app: OpenApp, query: dict[str, str], sentence: str | None
) -> None:
    assert sign_in_error(open_app(None, **query)) == sentence


def test_a_lock_says_until_when_in_site_time(open_app: OpenApp) -> None:
    until = datetime(2026, 11, 23, 3, 5, 7, tzinfo=UTC)
    said = sign_in_error(open_app(None, problem="locked", until=f"{until.timestamp():.0f}"))
    local = until.astimezone(data.zone())
    assert said == f"Too many wrong passwords. You can try again from {local:%H:%M:%S} on."


@pytest.mark.parametrize("until", ["", "x", "9" * 30, "-1"])
def test_a_made_up_time_breaks_nothing(open_app: OpenApp, until: str) -> None:
    assert "Too many wrong passwords" in (sign_in_error(open_app(None, problem="locked", until=until)) or "")


def sign_in_error(app: AppTest) -> str | None:
    assert not app.exception
    components = [json.loads(one.proto.json) for one in app.get("bidi_component")]
    (error,) = [said["error"] for said in components if "action" in said]
    return error  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("locale", "language"), [("id-ID", "id"), ("id", "id"), ("en-GB", "en"), ("de", "en"), (None, "en")]
)
def test_before_sign_in_the_browsers_language_is_spoken(
    monkeypatch: pytest.MonkeyPatch, locale: str | None, language: str
) -> None:
    monkeypatch.setattr(type(st.context), "locale", property(lambda _context: locale))
    assert reader_language(None) == language
