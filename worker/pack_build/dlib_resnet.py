"""dlib's face recognition network (29 convolutions, 128-d descriptor) as an ONNX graph.

The architecture is the one of dlib's example `dnn_face_recognition_ex.cpp`: a residual network whose widening
blocks halve the picture, average-pool the shortcut and fill the new channels with zeros.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from core.domain.faces import FloatArray
from core.errors import PackUnavailable
from worker.pack_build.dlib_file import DlibLayer, layers

INPUT_SIDE_PX = 150
DESCRIPTOR_DIM = 128
MEAN_RGB = (122.782, 117.001, 104.298)
STAGES = ((32, 3), (64, 3), (128, 2), (256, 2), (256, 0))
"""Channels, and how many plain blocks follow the widening one; the first stage has no widening block."""


def to_onnx(content: bytes) -> onnx.ModelProto:
    """float32 (n, 3, 150, 150) RGB 0..255 → float32 (n, 128); not of unit length.

    Raises PackUnavailable when the stored network is another one.
    """
    writer = _GraphWriter(layers(content))
    x = writer.node("Sub", "picture", writer.constant(np.array(MEAN_RGB, np.float32).reshape(1, 3, 1, 1)))
    x = writer.node("Mul", x, writer.constant(np.array(1 / 256, np.float32)))
    x = writer.node("Relu", writer.convolution(x, (3, 32), kernel=7, stride=2))
    x = writer.node("MaxPool", x, kernel_shape=[3, 3], strides=[2, 2])
    side, channels = 35, 32
    for stage, (width, plain_blocks) in enumerate(STAGES):
        if stage > 0:
            x, side = _widening_block(writer, x, (channels, width), side)
            channels = width
        for _ in range(plain_blocks):
            x = _plain_block(writer, x, channels)
    x = writer.node("Flatten", writer.node("GlobalAveragePool", x), axis=1)
    writer.matrix(x, (channels, DESCRIPTOR_DIM), "descriptor")
    return writer.model()


def _plain_block(writer: "_GraphWriter", x: str, channels: int) -> str:
    y = writer.node("Relu", writer.convolution(x, (channels, channels)))
    y = writer.convolution(y, (channels, channels))
    return writer.node("Relu", writer.node("Add", y, x))


def _widening_block(writer: "_GraphWriter", x: str, channels: tuple[int, int], side: int) -> tuple[str, int]:
    """The block's output and its side. dlib adds pictures of unequal size by padding with zeros."""
    before, after = channels
    y = writer.node("Relu", writer.convolution(x, (before, after), stride=2))
    y = writer.convolution(y, (after, after))
    shortcut = writer.node("AveragePool", x, kernel_shape=[2, 2], strides=[2, 2])
    convolved, pooled = (side - 3) // 2 + 1, side // 2
    larger = max(convolved, pooled)
    y = writer.pad(y, 0, larger - convolved)
    shortcut = writer.pad(shortcut, after - before, larger - pooled)
    return writer.node("Relu", writer.node("Add", y, shortcut)), larger


class _GraphWriter:
    """Appends nodes and weights, taking the weights from dlib's layers in order."""

    def __init__(self, stored: Iterator[DlibLayer]) -> None:
        self._stored = stored
        self._nodes: list[onnx.NodeProto] = []
        self._weights: list[onnx.TensorProto] = []

    def _take(self, kind: str, count: int) -> FloatArray:
        layer = next(self._stored, None)
        if layer is None or layer.kind != kind or layer.parameters.size != count:
            raise PackUnavailable(f"The dlib network lacks the expected {kind} layer of {count} parameters.")
        return layer.parameters

    def constant(self, values: npt.NDArray[Any]) -> str:
        name = f"weight_{len(self._weights)}"
        self._weights.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def node(self, operator: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        name = output or f"value_{len(self._nodes)}"
        self._nodes.append(helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def convolution(self, x: str, channels: tuple[int, int], kernel: int = 3, stride: int = 1) -> str:
        """A convolution with the affine layer behind it folded in; padded only when it keeps the size."""
        before, after = channels
        stored = self._take("con_4", after * before * kernel**2 + after)
        gain, shift = self._take("affine_", 2 * after).reshape(2, after)
        weights = stored[:-after].reshape(after, before, kernel, kernel) * gain[:, None, None, None]
        bias = stored[-after:] * gain + shift
        padding = kernel // 2 if stride == 1 else 0
        shape: dict[str, Any] = {
            "kernel_shape": [kernel, kernel],
            "strides": [stride, stride],
            "pads": [padding] * 4,
        }
        return self.node("Conv", x, self.constant(weights), self.constant(bias), **shape)

    def pad(self, x: str, channels: int, rows_and_columns: int) -> str:
        if channels == rows_and_columns == 0:
            return x
        after = np.array([0, 0, 0, 0, 0, channels, rows_and_columns, rows_and_columns], np.int64)
        return self.node("Pad", x, self.constant(after))

    def matrix(self, x: str, shape: tuple[int, int], output: str) -> str:
        weights = self._take("fc_2", shape[0] * shape[1]).reshape(shape)
        return self.node("MatMul", x, self.constant(weights), output=output)

    def model(self) -> onnx.ModelProto:
        if next(self._stored, None) is not None:
            raise PackUnavailable("The dlib network has more layers than its known architecture.")
        picture = helper.make_tensor_value_info(
            "picture", TensorProto.FLOAT, ["n", 3, INPUT_SIDE_PX, INPUT_SIDE_PX]
        )
        descriptor = helper.make_tensor_value_info("descriptor", TensorProto.FLOAT, ["n", DESCRIPTOR_DIM])
        graph = helper.make_graph(
            self._nodes, "dlib_face_recognition", [picture], [descriptor], self._weights
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
        onnx.checker.check_model(model)
        return model
