"""Numbers about frames, and how to print them."""
import numpy as np
import torch
import torch.nn.functional as F

from .probe import of_chunk


def interval(values, percent: bool = False) -> str:
    """Mean and 95 % bootstrap interval."""
    values = np.asarray(values, float)
    if len(values) == 0:
        return "none"
    means = np.random.default_rng(0).choice(values, (2000, len(values))).mean(1)
    low, high = np.quantile(means, 0.025), np.quantile(means, 0.975)
    if percent:
        return f"{100 * values.mean():.0f} % ({100 * low:.0f} to {100 * high:.0f})"
    return f"{values.mean():.3f} ({low:.3f} to {high:.3f})"


def as_floats(frames: np.ndarray) -> np.ndarray:
    return frames.astype(np.float32) / 255


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """dB of frames in 0..1."""
    return float(-10 * np.log10(np.square(a - b).mean() + 1e-12))


def ssim(a: np.ndarray, b: np.ndarray) -> float:
    """Mean structural similarity of frames [F, H, W, 3] in 0..1: windows of 7x7 with sample covariance, channels averaged."""
    x, y = (torch.from_numpy(v).permute(0, 3, 1, 2) for v in (a, b))
    mean = lambda v: F.avg_pool2d(v, 7, 1)  # noqa: E731
    scale, mx, my = 49 / 48, mean(x), mean(y)
    vx, vy, vxy = scale * (mean(x * x) - mx * mx), scale * (mean(y * y) - my * my), scale * (mean(x * y) - mx * my)
    c1, c2 = 0.01 ** 2, 0.03 ** 2
    return float(((2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2))).mean())


def background(frames: np.ndarray) -> np.ndarray:
    """Mean picture of the last frames of a chunk without the middle, where the character is; [96, 96, 3] in 0..1."""
    mean = as_floats(frames[-8:]).mean(0)
    return np.concatenate([mean[:, :48], mean[:, 112:]], 1)


def change(a: np.ndarray, b: np.ndarray) -> float:
    """Mean absolute difference of the backgrounds of two chunks' frames."""
    return float(np.abs(background(a) - background(b)).mean())


def sharpness(frames: np.ndarray) -> float:
    """Mean absolute gradient: falls as pictures blur."""
    x = as_floats(frames)
    return float(np.abs(np.diff(x, axis=1)).mean() + np.abs(np.diff(x, axis=2)).mean())


def saturation(frames: np.ndarray) -> float:
    x = as_floats(frames)
    return float((x.max(-1) - x.min(-1)).mean())


def seam(frames: np.ndarray, chunks: range) -> float:
    """How much more changes between the last frame of a chunk and the first of the next than between frames within: 1 is no seam."""
    x = as_floats(frames)
    step = np.abs(np.diff(x, axis=0)).mean((1, 2, 3))  # step[i]: frame i to i + 1
    borders = [9 + 12 * c - 1 for c in chunks]
    within = [i for c in chunks for i in range(9 + 12 * c, 9 + 12 * c + 11)]
    return float((step[borders].mean() + 1e-4) / (step[within].mean() + 1e-4))


def chunks_of(frames: np.ndarray, count: int) -> list[np.ndarray]:
    return [of_chunk(frames, c) for c in range(count)]
