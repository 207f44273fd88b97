"""Reads and writes safetensors without the package: 8-byte length, JSON header, data."""
import json
import struct
from pathlib import Path

import numpy as np
import torch

DTYPES = {"F16": (torch.float16, np.float16), "F32": (torch.float32, np.float32), "I64": (torch.int64, np.int64), "I32": (torch.int32, np.int32), "U8": (torch.uint8, np.uint8)}
NAMES = {pair[0]: name for name, pair in DTYPES.items()}


def save(path: str | Path, tensors: dict[str, torch.Tensor], metadata: dict[str, str] | None = None) -> None:
    header: dict = {"__metadata__": metadata} if metadata else {}
    blobs, offset = [], 0
    for name, tensor in tensors.items():
        tensor = tensor.detach().cpu().contiguous()
        blob = tensor.numpy().tobytes()
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [offset, offset + len(blob)]}
        blobs.append(blob)
        offset += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path = Path(path)
    part = path.with_suffix(".part")  # renamed when whole: a reader never sees half a file, and hard links keep the old one
    with open(part, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for blob in blobs:
            file.write(blob)
    part.rename(path)


def load(path: str | Path) -> dict[str, torch.Tensor]:
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    out = {}
    for name, entry in header.items():
        start, end = (8 + length + o for o in entry["data_offsets"])
        array = np.frombuffer(data[start:end], DTYPES[entry["dtype"]][1]).reshape(entry["shape"])
        out[name] = torch.from_numpy(array.copy())
    return out
