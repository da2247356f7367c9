"""What it means that the models do not run on an NVIDIA GPU although the settings name one."""

from dataclasses import dataclass
from enum import Enum, auto
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from core.paths import SitePaths
from core.settings import Parameters
from core.storage.rows import WorkerRow

DRIVER = Path("/proc/driver/nvidia/version")
"""There while NVIDIA's driver is loaded."""
GPU_RUNTIME = "onnxruntime-gpu"
"""The wheel that GSPE_GPU=1 installs."""
BY_DEFAULT = ", ".join(Parameters().providers)


@dataclass(frozen=True)
class Machine:
    """`asked_for`: somebody installed what runs on a GPU. `worked`: the models ran on one before."""

    has_gpu: bool = False
    asked_for: bool = False
    worked: bool = False


class GpuLack(Enum):
    NONE = auto()
    NO_GPU = auto()
    """A machine without one, with the settings as they came: no fault, Health says it."""
    UNUSED = auto()
    """There is one that nobody asked for: worth an admin's while."""
    LOST = auto()
    """Somebody wants one by his own choice, or had it: everybody should know that it is slower now."""


def machine(paths: SitePaths) -> Machine:
    return Machine(DRIVER.exists(), _is_installed(GPU_RUNTIME), paths.gpu_worked.exists())


def gpu_lack(worker: WorkerRow, machine: Machine) -> GpuLack:
    wanted = worker.providers_wanted or ""
    if "CUDA" not in wanted or worker.provider is None or "CUDA" in worker.provider:
        return GpuLack.NONE
    if wanted != BY_DEFAULT or machine.asked_for or machine.worked:
        return GpuLack.LOST
    return GpuLack.UNUSED if machine.has_gpu else GpuLack.NO_GPU


def _is_installed(package: str) -> bool:
    try:
        distribution(package)
    except PackageNotFoundError:
        return False
    return True
