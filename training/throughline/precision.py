"""bfloat16 where the machine computes faster in it: CUDA, and CPUs with instructions for it; elsewhere float32."""
import functools
import time

import torch

if not torch.backends.nnpack.is_available():
    torch.backends.nnpack.set_flags(False)  # or every convolution warns of it


def _seconds(dtype: torch.dtype) -> float:
    a, b = torch.ones(1024, 256, dtype=dtype), torch.ones(256, 1024, dtype=dtype)
    best = float("inf")
    for _ in range(4):
        began = time.perf_counter()
        a @ b
        best = min(best, time.perf_counter() - began)
    return best


@functools.cache
def bfloat16_is_fast(device_type: str) -> bool:
    """Whether matrix products are faster in bfloat16, tried once; a CPU without instructions for it needs several times longer."""
    return device_type == "cuda" or _seconds(torch.bfloat16) < _seconds(torch.float32)


def mixed_precision(device_type: str, cache: bool = True):
    """The autocast context of all training; `cache` keeps converted weights until it ends."""
    return torch.autocast(device_type, torch.bfloat16, enabled=bfloat16_is_fast(device_type), cache_enabled=cache)
