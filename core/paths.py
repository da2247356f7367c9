"""Where everything lies below GSPE_HOME.

`config/` and `camera_configs/` hold settings, `data/` what the programs write (0700, files 0600).
"""

import os
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
"""The checkout the programs run from: the default home, and where templates such as supervisord.conf lie."""

OWNER_ONLY_FOLDER = 0o700
OWNER_ONLY_FILE = 0o600


@dataclass(frozen=True)
class SitePaths:
    """The layout of one home folder. Nothing is created until `create` is called."""

    home: Path

    @classmethod
    def from_environment(cls) -> "SitePaths":
        """The home that GSPE_HOME names, or the checkout itself."""
        return cls(Path(os.environ.get("GSPE_HOME") or REPOSITORY).resolve())

    @property
    def config(self) -> Path:
        return self.home / "config"

    @property
    def parameters(self) -> Path:
        return self.config / "parameter_config.json"

    @property
    def whatsapp(self) -> Path:
        return self.config / "config_whatsapp.json"

    @property
    def payroll(self) -> Path:
        return self.config / "config_payroll.json"

    @property
    def email(self) -> Path:
        return self.config / "config_email.json"

    @property
    def webhook(self) -> Path:
        return self.config / "config_webhook.json"

    @property
    def camera_configs(self) -> Path:
        return self.home / "camera_configs"

    def camera_config(self, camera_id: int) -> Path:
        return self.camera_configs / f"CAM{camera_id}" / "config.json"

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def database(self) -> Path:
        return self.data / "attendance.db"

    @property
    def frames(self) -> Path:
        """Live frames, `CAM{id}.jpg`; a viewer's lease is the modification time of `CAM{id}.lease`."""
        return self.data / "frames"

    def live_frame(self, camera_id: int) -> Path:
        return self.frames / f"CAM{camera_id}.jpg"

    def viewer_lease(self, camera_id: int) -> Path:
        return self.frames / f"CAM{camera_id}.lease"

    @property
    def captures(self) -> Path:
        """Event pictures, `CAM{id}/…jpg`."""
        return self.data / "captures"

    @property
    def unknown(self) -> Path:
        """Pictures of unknown people that raised an alert, `YYYY-MM-DD/…jpg`."""
        return self.data / "unknown"

    @property
    def unknown_faces(self) -> Path:
        """Best pictures of tracks that never had a name, `YYYY-MM-DD/…jpg`."""
        return self.data / "unknown_faces"

    @property
    def evidence(self) -> Path:
        """Arrival and departure pictures by visit."""
        return self.data / "evidence"

    @property
    def attendance_captures(self) -> Path:
        """`YYYY-MM-DD/E{id}/first_in.jpg` and `last_out.jpg`: links to evidence."""
        return self.data / "attendance_captures"

    @property
    def photos(self) -> Path:
        """Enrolment photos, `E{id}/…`, kept so that another model pack can embed them again."""
        return self.data / "photos"

    @property
    def requests(self) -> Path:
        """Photos that wait for the worker; removed when done."""
        return self.data / "requests"

    @property
    def backups(self) -> Path:
        return self.data / "backups"

    @property
    def logs(self) -> Path:
        return self.data / "logs"

    @property
    def run(self) -> Path:
        """Heartbeat, lock and sockets of the running programs."""
        return self.data / "run"

    @property
    def heartbeat(self) -> Path:
        return self.run / "worker.heartbeat"

    @property
    def gpu_worked(self) -> Path:
        """There once the models ran on a GPU, so that its loss is told from its absence."""
        return self.run / "gpu.worked"

    @property
    def demo_home(self) -> Path:
        return self.data / "demo"

    def create(self) -> "SitePaths":
        """Makes every folder, `data/` and what is below it readable by the owner only."""
        for folder in (self.config, self.camera_configs):
            folder.mkdir(parents=True, exist_ok=True)
        pictures = (self.captures, self.unknown, self.unknown_faces, self.evidence, self.attendance_captures)
        owned = (self.data, self.frames, *pictures, self.photos)
        for folder in (*owned, self.requests, self.backups, self.logs, self.run):
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(OWNER_ONLY_FOLDER)
        return self
