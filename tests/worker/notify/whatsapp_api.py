"""Meta's Cloud API as documented, on this machine: whatever a request does wrong is an error and kept."""

import json
import re
from typing import Any

from tests.worker.notify.http_server import LocalServer, Request, Response

TOKEN = "EAAG-very-secret-token-0123456789"
NUMBER_ID = "106540352242922"
TEMPLATES = {("gspe_alert", "en"): 1, ("gspe_alert", "id"): 1}
"""The approved ones by name and language, with the number of variables of their bodies."""
LONGEST_BODY = 1024
FIXED_WORDS = 60
"""Characters of the template around its variable."""


def error(status: int, code: int, details: str = "", message: str = "") -> Response:
    """An error as the API words it."""
    content: dict[str, Any] = {
        "message": message or f"(#{code}) Something went wrong",
        "type": "OAuthException",
        "code": code,
        "error_data": {"messaging_product": "whatsapp", "details": details or f"details of {code}"},
        "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
    }
    return Response(status, json.dumps({"error": content}).encode())


class WhatsAppApi(LocalServer):
    """`violations`: what requests got wrong. `open_windows`: who wrote to the number within 24 hours."""

    def __init__(self) -> None:
        super().__init__()
        self.violations: list[str] = []
        self.open_windows: set[str] = set()
        self.accepted: list[dict[str, Any]] = []

    def answer(self, method: str, request: Request) -> Response:
        refused = self._check(method, request)
        if refused is not None:
            self.violations.append(refused.body.decode())
            return refused
        self.accepted.append(request.json)
        to = request.json["to"]
        content = {
            "messaging_product": "whatsapp",
            "contacts": [{"input": to, "wa_id": to.removeprefix("+")}],
            "messages": [{"id": f"wamid.{len(self.accepted):04}", "message_status": "accepted"}],
        }
        return Response(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

    def texts(self) -> list[str]:
        """What was told, message by message."""
        return [text_of(message) for message in self.accepted]

    def _check(self, method: str, request: Request) -> Response | None:
        if request.headers.get("Authorization") != f"Bearer {TOKEN}":
            return error(401, 190, message="Error validating access token")
        if method != "POST" or request.path != f"/v26.0/{NUMBER_ID}/messages":
            return error(400, 100, f"Unsupported {method} {request.path}")
        if request.headers.get("Content-Type", "").partition(";")[0] != "application/json":
            return error(400, 100, "not JSON")
        try:
            message = request.json
        except ValueError:
            return error(400, 100, "broken JSON")
        return self._check_message(message)

    def _check_message(self, message: dict[str, Any]) -> Response | None:
        kind = message.get("type")
        if message.keys() != {"messaging_product", "recipient_type", "to", "type", kind}:
            return error(400, 100, f"Unexpected keys {sorted(message)}")
        if (message["messaging_product"], message["recipient_type"]) != ("whatsapp", "individual"):
            return error(400, 100, "messaging_product or recipient_type")
        if not re.fullmatch(r"\+?[1-9][0-9]{6,14}", message["to"]):
            return error(400, 100, f"to {message['to']}")
        return self._check_template(message["template"]) if kind == "template" else self._check_text(message)

    def _check_text(self, message: dict[str, Any]) -> Response | None:
        text = message["text"]
        if not {"body"} <= text.keys() <= {"body", "preview_url"} or not 0 < len(text["body"]) <= 4096:
            return error(400, 100, "text")
        if message["to"] not in self.open_windows:
            return error(400, 131047, "More than 24 hours have passed")
        return None

    def _check_template(self, template: dict[str, Any]) -> Response | None:
        if template.keys() != {"name", "language", "components"} or template["language"].keys() != {"code"}:
            return error(400, 100, "template")
        variables = TEMPLATES.get((template["name"], template["language"]["code"]))
        if variables is None:
            return error(404, 132001, "Template name does not exist in the translation")
        bodies = [part for part in template["components"] if part.get("type") == "body"]
        if len(bodies) != 1 or len(template["components"]) != 1:
            return error(400, 132018, "components")
        parameters = bodies[0]["parameters"]
        if len(parameters) != variables:
            return error(400, 132000, "Number of parameters does not match")
        return next((bad for one in parameters if (bad := self._check_parameter(one))), None)

    def _check_parameter(self, parameter: dict[str, Any]) -> Response | None:
        if parameter.keys() != {"type", "text"} or parameter["type"] != "text" or not parameter["text"]:
            return error(400, 132012, "Parameter format does not match")
        text = parameter["text"]
        if re.search(r"[\n\t\r]| {5,}", text):
            return error(400, 132018, "Param text cannot have new-line/tab characters or > 4 spaces")
        if len(text) + FIXED_WORDS > LONGEST_BODY:
            return error(400, 132005, "Translated text too long")
        return None


def text_of(message: dict[str, Any]) -> str:
    if message["type"] == "text":
        return str(message["text"]["body"])
    return str(message["template"]["components"][0]["parameters"][0]["text"])
