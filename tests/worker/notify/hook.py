"""A webhook's receiver that checks signature, age and order, as docs/notifications.md tells it to."""

import hashlib
import hmac
import json
from typing import Any

from tests.worker.notify.http_server import LocalServer, Request, Response

KEY = "s3cr3t-hook"


class Hook(LocalServer):
    """`taken`: what was accepted; `violations`: what was wrong with a request."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[dict[str, Any]] = []
        self.violations: list[str] = []

    def answer(self, method: str, request: Request) -> Response:
        timestamp = request.headers.get("X-Gspe-Timestamp", "")
        signed = hmac.new(KEY.encode(), f"{timestamp}.".encode() + request.body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(request.headers.get("X-Gspe-Signature-256", ""), f"sha256={signed}"):
            self.violations.append("signature")
        if method != "POST" or request.headers.get("Content-Type") != "application/json":
            self.violations.append("no JSON post")
        content = json.loads(request.body)
        keys = {"cursor", "kind", "level", "alert_id", "created_at", "site", "params"}
        if content.keys() != keys:
            self.violations.append(f"keys {sorted(content)}")
        self.taken.append(content)
        return Response(204, b"")

    def cursors(self) -> list[int]:
        return [content["cursor"] for content in self.taken]
