"""The demo as a visitor has it: he starts it, signs in, and within two minutes has seen everything."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, ElementHandle, Page, WebSocket, expect

from tests.browser import new_page
from tests.patience import PATIENCE_MS
from tests.running_site import (
    NEW_PASSWORD,
    RunningSite,
    files_with,
    first_sign_in,
    open_to_others,
    running_site,
    until,
)
from worker.demo_faces import EMPLOYEES
from worker.demo_scene import LOOP_S, SCRIPT, STRANGER_NAME

pytestmark = [pytest.mark.browser, pytest.mark.models, pytest.mark.slow]

PROMISE_S = 120.0
"""From the printed URL until everything was there to be seen."""
ROUND_S = LOOP_S + PATIENCE_MS / 1000
"""Whatever has just been missed comes again within a round."""
OFF_SCRIPT_S = 4.0
"""How much earlier or later than scripted somebody may be seen: partly in the picture, or a slow machine."""
NAMES = {person.name for person in EMPLOYEES}
REFUSED = {"below_threshold", "ambiguous"}


REMEMBER = """
window.shown = new Set();
const remember = () => {
    for (const card of document.querySelectorAll(".gspe-card"))
        shown.add(card.className + " " + card.innerText.replaceAll("\\n", " "));
    const badge = document.querySelector(".gspe-bell-count");
    if (badge) shown.add(badge.textContent + " " + document.title);
};
new MutationObserver(remember).observe(document, {childList: true, subtree: true, characterData: true});
"""
"""Each card as it was at any time, and the badge with the tab's title, in the order of their appearance."""


@dataclass
class Visitor:
    """Somebody who has signed in and opened three tabs; `boxes` is what was drawn on the live picture."""

    site: RunningSite
    live: Page
    presence: Page
    alerts: Page
    boxes: list[dict[str, Any]] = field(default_factory=list)

    def listen(self, socket: WebSocket) -> None:
        if socket.url.endswith("/api/live"):
            socket.on("framereceived", self._receive)

    def _receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            length = int.from_bytes(message[:4], "big")
            overlay = json.loads(message[4 : 4 + length])["overlay"]
            self.boxes.extend({**box, "at": overlay["captured_at"]} for box in overlay["boxes"])


@pytest.fixture(scope="module")
def visitor(chromium: Browser) -> Iterator[Visitor]:
    with running_site() as site:
        live = new_page(chromium)
        first_sign_in(live, site)
        live.context.add_init_script(REMEMBER)
        visitor = Visitor(site, live, *(live.context.new_page() for _ in range(2)))
        live.on("websocket", visitor.listen)
        for name in ("live", "presence", "alerts"):
            getattr(visitor, name).goto(f"{site.url}/{name}")
        yield visitor
        live.context.close()


def picture(live: Page) -> str:
    """The canvas as it is now."""
    return str(live.locator(".gspe-live canvas").evaluate("canvas => canvas.toDataURL('image/png')"))


def viewer(live: Page) -> ElementHandle:
    root = live.locator(".gspe-live").element_handle()
    assert root is not None
    return root


def test_the_banner_says_what_it_proves(visitor: Visitor) -> None:
    banner = visitor.live.get_by_test_id("stAlert").filter(has_text="This is a demo.")
    expect(banner).to_contain_text("enrolled from the photos that are shown", timeout=PATIENCE_MS)
    expect(banner).to_contain_text("proves nothing about accuracy")


def test_the_picture_moves_and_is_fresh(visitor: Visitor) -> None:
    root = viewer(visitor.live)
    fresh = "([root, from]) => root.dataset.state === 'live' && Number(root.dataset.frames) > from"
    visitor.live.wait_for_function(fresh, arg=[root, 0])
    first, shown = picture(visitor.live), int(root.get_attribute("data-frames") or 0)
    visitor.live.wait_for_function(fresh, arg=[root, shown + 2])
    assert picture(visitor.live) != first
    assert float(root.get_attribute("data-age") or "inf") < PATIENCE_MS / 1000


def test_somebody_turns_available_and_later_away(visitor: Visitor) -> None:
    assert until_turned(visitor.presence, "gspe-available", "Away since") in NAMES


def test_an_absence_alert_opens_and_resolves(visitor: Visitor) -> None:
    assert until_turned(visitor.alerts, "gspe-open", "Came back ") in NAMES
    assert any(re.match(r"Open alerts: (\d+) \(\1\) ", told) for told in shown(visitor.alerts))


def until_turned(page: Page, before: str, after: str) -> str:
    """The name of the first person whose card has been the one and then the other."""

    def turned() -> str | None:
        cards = shown(page)
        for number, card in enumerate(cards):
            for name in NAMES:
                if before in card and name in card and any(name in c and after in c for c in cards[number:]):
                    return name
        return None

    return until(turned, f"{before}, then {after}", ROUND_S)


def shown(page: Page) -> list[str]:
    return list(page.evaluate("[...window.shown]"))


def test_two_people_have_attendance_with_pictures(visitor: Visitor) -> None:
    until(lambda: len(pictured_attendance(visitor.site)) >= 2, "two rows with pictures", ROUND_S)
    page = visitor.live.context.new_page()
    page.goto(f"{visitor.site.url}/attendance")
    rows = page.locator(".gspe-row", has=page.locator("a.gspe-zoom"))  # who is only expected has no picture
    expect(rows.nth(1)).to_be_visible(timeout=PATIENCE_MS)
    for row in rows.all()[:2]:
        pictures = row.locator("a.gspe-zoom")
        expect(pictures).to_have_count(2, timeout=PATIENCE_MS)
        for picture in pictures.all():
            answer = page.request.get(visitor.site.url + str(picture.get_attribute("href")))
            assert (answer.headers["content-type"], answer.body()[:2]) == ("image/jpeg", b"\xff\xd8")
    page.close()


def pictured_attendance(site: RunningSite) -> list[float]:
    """Of each row that has both pictures: when its first visit that is over had them."""
    query = """
        SELECT MIN(o.captured_at) FROM attendances a
        JOIN visits v ON v.employee_id = a.employee_id AND v.departed_at IS NOT NULL
        JOIN evidence i ON i.visit_id = v.id AND i.kind = 'arrival' AND i.path IS NOT NULL
        JOIN evidence o ON o.visit_id = v.id AND o.kind = 'departure' AND o.path IS NOT NULL
        WHERE a.first_in_evidence_id AND a.last_out_evidence_id GROUP BY a.id"""
    return sorted(times(site, query))


def test_the_stranger_is_seen_and_never_named(visitor: Visitor) -> None:
    stranger = until(lambda: refused_face(visitor.boxes), "the stranger", ROUND_S, page=visitor.live)
    assert all(box["name"] is None for box in stranger)
    unknown = "SELECT camera_id, picture_path FROM events WHERE kind = 'unknown' AND employee_id IS NULL"
    event = until(lambda: visitor.site.rows(unknown), "an unknown event", PROMISE_S)[0]
    assert (visitor.site.demo.home / event["picture_path"]).is_file()
    assert [visit for visit in visits(visitor.site) if not is_scripted(*visit)] == []


def refused_face(boxes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The boxes of a track that was compared for seconds and refused; empty before there is one."""
    tracked = sorted((box for box in boxes if box["track_id"] is not None), key=lambda box: box["track_id"])
    for _, group in groupby(tracked, key=lambda box: box["track_id"]):
        track = list(group)
        refused = [clock(box["at"]) for box in track if box["reason"] in REFUSED]
        if refused and max(refused) - min(refused) > 3 and track[-1]["reason"] in REFUSED:
            return track
    return []


def visits(site: RunningSite) -> list[tuple[str, float, float]]:
    """Code, arrival and last sighting of each visit, in seconds since the demo's scene began."""
    began = clock(site.rows("SELECT status_since FROM cameras")[0]["status_since"])
    query = (
        "SELECT e.code, v.arrived_at, v.last_seen_at FROM visits v JOIN employees e ON e.id = v.employee_id"
    )
    return [
        (code, clock(arrived_at) - began, clock(last_seen_at) - began)
        for code, arrived_at, last_seen_at in site.rows(query)
    ]


def is_scripted(code: str, arrived_s: float, last_seen_s: float) -> bool:
    """Whether this person was to be seen then: the stranger's time is nobody's."""
    begin_s = arrived_s // LOOP_S * LOOP_S
    return any(
        stay.person == code != STRANGER_NAME
        and begin_s + stay.start_s - OFF_SCRIPT_S < arrived_s
        and last_seen_s < begin_s + stay.end_s + OFF_SCRIPT_S
        for stay in SCRIPT
    )


def test_all_of_it_was_there_within_two_minutes(visitor: Visitor, record_property) -> None:
    site = visitor.site
    told = {
        "a picture": [clock(box["at"]) for box in visitor.boxes],
        "a departure": times(site, "SELECT departed_at FROM visits WHERE departed_at IS NOT NULL"),
        "an alert": times(site, "SELECT resolved_at FROM alert_logs WHERE resolution = 'returned'"),
        "the stranger": times(site, "SELECT occurred_at FROM events WHERE kind = 'unknown'"),
        "the second row": pictured_attendance(site)[1:],
    }
    after_s = {what: round(min(at) - site.url_at, 1) for what, at in told.items()}
    record_property("there_after_s", after_s)
    assert max(after_s.values()) < PROMISE_S, after_s


def times(site: RunningSite, query: str) -> list[float]:
    return [clock(row[0]) for row in site.rows(query)]


def clock(stored: str) -> float:
    """Seconds since 1970 of a time in UTC as it is stored."""
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).timestamp()


@pytest.mark.parametrize("password", ["first", "new"])
def test_no_password_is_written_anywhere(visitor: Visitor, password: str) -> None:
    secret = visitor.site.first_password if password == "first" else NEW_PASSWORD
    assert files_with(secret, visitor.site.home) == []


def test_nobody_else_may_read_what_is_kept(visitor: Visitor) -> None:
    kept = [path for path in visitor.site.demo.data.rglob("*.jpg") if path.is_file()]
    assert any("evidence" in path.parts for path in kept)
    assert open_to_others(visitor.site.site.data) == []
    assert home_folders(visitor.site.home) == {"camera_configs", "config", "data"}


def home_folders(home: Path) -> set[str]:
    return {path.name for path in home.iterdir()}
