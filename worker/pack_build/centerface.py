"""CenterFace as its package ships it, made to take pictures of any size."""

import onnx


def to_any_size(stored: bytes) -> onnx.ModelProto:
    """The network with free batch, height and width; the sides must be multiples of 32.

    The stored graph lists its weights among its inputs too, which keeps ONNX Runtime from folding the batch
    normalisations into the convolutions; without them it runs about twice as fast.
    """
    model = onnx.load_from_string(stored)
    graph = model.graph
    weights = {tensor.name for tensor in graph.initializer}
    pictures = [value for value in graph.input if value.name not in weights]
    del graph.input[:]
    graph.input.extend(pictures)
    for value in (*graph.input, *graph.output):
        for axis, name in ((0, "n"), (2, "height"), (3, "width")):
            dimension = value.type.tensor_type.shape.dim[axis]
            dimension.ClearField("dim_value")
            dimension.dim_param = f"{value.name}_{name}"
    del graph.value_info[:]  # the shapes inferred for the stored size
    onnx.checker.check_model(model)
    return model
