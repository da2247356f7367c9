"""The secret of one home: it signs cookies, and seals what must not be guessed from the audit trail."""

import hashlib
import hmac
import secrets
from functools import lru_cache
from pathlib import Path

from core.storage.files import write_atomically


@lru_cache(maxsize=4)
def home_secret(folder: Path) -> str:
    """Made at the first start in this folder, `SitePaths.run`; readable by the owner only."""
    path = folder / "cookie.secret"
    if not path.exists():
        write_atomically(path, secrets.token_urlsafe(32).encode())
    return path.read_text()


def sealed(folder: Path, fingerprint: str) -> str:
    """A fingerprint of a file with passwords, against which nobody without the secret can try them."""
    return hmac.new(home_secret(folder).encode(), fingerprint.encode(), hashlib.sha256).hexdigest()
