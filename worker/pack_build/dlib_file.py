"""Reads the layers of a network that dlib serialised.

dlib writes an integer as one byte (sign in bit 7, byte count in the low bits) and that many little-endian
bytes, a string as its length and its characters, and a tensor as a version (2), four sizes and 32-bit floats.
Every layer begins with its class name as a string; those with parameters go on with the parameter tensor.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from core.domain.faces import FloatArray
from core.errors import PackUnavailable

TENSOR_VERSION = 2
LAYERS_WITH_PARAMETERS = {"con_4": 0, "affine_": 0, "fc_2": 2}
"""Class name, and how many integers stand between it and the parameter tensor."""


@dataclass(frozen=True)
class DlibLayer:
    """kind: dlib's class name; parameters: float32, flat, in the order in which the layer keeps them."""

    kind: str
    parameters: FloatArray


def layers(content: bytes) -> Iterator[DlibLayer]:
    """The layers that have parameters, from the picture to the descriptor.

    Raises PackUnavailable when a layer's name is not followed by a tensor.
    """
    marks = {kind: bytes([1, len(kind)]) + kind.encode() for kind in LAYERS_WITH_PARAMETERS}
    at = 0
    while True:
        starts = {content.find(mark, at): kind for kind, mark in marks.items()}
        starts.pop(-1, None)
        if not starts:
            return
        start = min(starts)
        kind = starts[start]
        at = start + len(marks[kind])
        for _ in range(LAYERS_WITH_PARAMETERS[kind]):
            _, at = _integer(content, at)
        parameters, at = _tensor(content, at)
        yield DlibLayer(kind, parameters)


def _integer(content: bytes, at: int) -> tuple[int, int]:
    size = content[at] & 0x0F
    value = int.from_bytes(content[at + 1 : at + 1 + size], "little")
    return (-value if content[at] & 0x80 else value), at + 1 + size


def _tensor(content: bytes, at: int) -> tuple[FloatArray, int]:
    version, at = _integer(content, at)
    sizes = []
    for _ in range(4):
        size, at = _integer(content, at)
        sizes.append(size)
    count = int(np.prod(sizes))
    if version != TENSOR_VERSION or count <= 0 or at + 4 * count > len(content):
        raise PackUnavailable(
            "The dlib network is not in the expected format: build the pack with its pinned package."
        )
    return np.frombuffer(content, "<f4", count, at), at + 4 * count
