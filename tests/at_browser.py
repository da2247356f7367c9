"""Who uses a running site: somebody at a browser, and a program with a token."""

import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Locator, Page, WebSocket, expect

from tests.choosing import choose
from tests.patience import PATIENCE_MS, PATIENCE_S
from tests.running_site import RunningSite


@dataclass
class Reader:
    """Somebody at one browser; `names` are those drawn on the live picture."""

    site: RunningSite
    page: Page
    names: set[str | None] = field(default_factory=set)
    contents: list[str] = field(default_factory=list)
    """What the pages held that were left, for the search for secrets."""

    def __post_init__(self) -> None:
        self.page.on("websocket", self._listen)

    def open(self, path: str, heading: str = "") -> Page:
        """heading: of the page, where it is not what the path says."""
        self.keep()
        self.page.goto(f"{self.site.url}/{path}")
        self.at(heading or path.capitalize())
        return self.page

    def leave(self) -> None:
        """To no page, so that none refreshes for nobody."""
        self.keep()
        self.page.goto("about:blank")

    def at(self, heading: str) -> None:
        self.page.get_by_role("heading", name=heading, exact=True).wait_for()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def confirm(self, name: str) -> None:
        """Presses a button that asks first, then its like in the question."""
        self.press(name)
        self.page.get_by_test_id("stPopoverBody").get_by_role("button", name=name, exact=True).click()

    def fill(self, label: str, value: str, within: Locator | None = None) -> None:
        field = (within or self.page).get_by_label(label, exact=True)
        field.fill(value)
        expect(field).to_have_value(value)

    def choose(self, label: str, option: str, within: Locator | None = None) -> None:
        choose((within or self.page).get_by_label(label, exact=True), option)

    def see(self, told: str) -> None:
        expect(self.page.get_by_text(told).first).to_be_visible(timeout=PATIENCE_MS)

    def keep(self) -> None:
        self.contents.append(self.page.content())

    def _listen(self, socket: WebSocket) -> None:
        if socket.url.endswith("/api/live"):
            socket.on("framereceived", self._receive)

    def _receive(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            length = int.from_bytes(message[:4], "big")
            boxes = json.loads(message[4 : 4 + length])["overlay"]["boxes"]
            self.names |= {box["name"] for box in boxes}


@dataclass(frozen=True)
class Program:
    """Asks the API with a token."""

    url: str
    token: str

    def get(self, path: str) -> Any:
        with self._open(path) as answer:
            return json.load(answer)

    def cursor(self) -> int:
        """Where the stream stands now."""
        with self._open("/api/stream") as answer:
            return int(next(_events(answer))["cursor"])

    def told(self, cursor: int, **facts: Any) -> dict[str, Any]:
        """Follows the stream from the cursor on until it tells of what has these facts."""
        deadline_s = time.monotonic() + PATIENCE_MS / 1000
        with self._open(f"/api/stream?cursor={cursor}") as answer:
            for event in _events(answer):
                if facts.items() <= event.items():
                    return event
                assert time.monotonic() < deadline_s, f"the stream did not tell of {facts}"
        raise AssertionError(f"the stream ended before it told of {facts}")

    def _open(self, path: str) -> Any:
        request = Request(self.url + path, headers={"Authorization": f"Bearer {self.token}"})
        return urlopen(request, timeout=PATIENCE_S)


def _events(answer: Any) -> Any:
    """The content of each server-sent event; a heartbeat is an empty one, so that waiting can end."""
    for line in answer:
        if line.startswith(b"data: "):
            yield json.loads(line.removeprefix(b"data: "))
        elif line.startswith(b":"):
            yield {}
