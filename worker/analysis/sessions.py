"""ONNX Runtime sessions with the providers that the settings ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import onnxruntime

from core.errors import PackUnavailable, ProviderUnavailable

CPU = "CPUExecutionProvider"
ERRORS_ONLY = 3  # ONNX Runtime's log severity; a provider that is missing is reported by us
RUNTIME_ERRORS = tuple(
    getattr(onnxruntime.capi.onnxruntime_pybind11_state, name)
    for name in (
        "Fail",
        "InvalidArgument",
        "InvalidGraph",
        "InvalidProtobuf",
        "NoSuchFile",
        "RuntimeException",
    )
)
"""What ONNX Runtime raises for a file or a provider that it cannot use; it has no public names for them."""


@dataclass(frozen=True)
class SessionOptions:
    """providers: wanted, best first. threads: per operator; 0 lets the runtime take every core."""

    providers: tuple[str, ...]
    threads: int = 0

    @property
    def usable(self) -> list[str]:
        """Those of the wanted providers that this installation has.

        Raises ProviderUnavailable when there is none: a site that wants a GPU must not silently get the CPU.
        """
        available = onnxruntime.get_available_providers()
        usable = [name for name in self.providers if name in available]
        if not usable:
            wanted, offered = ", ".join(self.providers), ", ".join(available)
            raise ProviderUnavailable(
                f"None of the wanted providers ({wanted or 'none named'}) is installed here, only {offered}: "
                "change `providers` or install the matching onnxruntime.",
                wanted=wanted,
                offered=offered,
            )
        return usable


def runtime_options(options: SessionOptions) -> onnxruntime.SessionOptions:
    chosen = onnxruntime.SessionOptions()
    chosen.intra_op_num_threads = options.threads
    chosen.log_severity_level = ERRORS_ONLY
    return chosen


def open_session(model: Path, options: SessionOptions) -> onnxruntime.InferenceSession:
    """Raises PackUnavailable when the file is no usable model, ProviderUnavailable when no provider fits."""
    providers = options.usable
    try:
        return onnxruntime.InferenceSession(str(model), runtime_options(options), providers=providers)
    except RUNTIME_ERRORS as error:
        raise PackUnavailable(
            f"{model.name} cannot be loaded ({error}): build the model pack again."
        ) from error


def provider_of(session: onnxruntime.InferenceSession) -> str:
    """What the live session runs on, whatever the wheel claims."""
    return str(session.get_providers()[0])


def providers_missing(wanted: Sequence[str], in_use: str) -> tuple[str, ...]:
    """The wanted providers that come before the one in use: asked for, and not had."""
    better = wanted[: wanted.index(in_use)] if in_use in wanted else wanted
    return tuple(better)
