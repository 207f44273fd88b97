"""Sizes of the built-in model, as written to its config.json."""
import argparse
import copy

from .vocabulary import SPECIALS, vocabulary

ANIMATIC = {
    "format": "throughline-model", "formatVersion": 1, "name": "Animatic",
    "video": {"width": 160, "height": 96, "fps": 8},
    "latent": {"channels": 16, "temporalStride": 4, "spatialStride": 8},
    "text": {"vocabSize": len(SPECIALS) + len(vocabulary()), "dim": 256, "heads": 4, "headDim": 64, "ffnDim": 512, "layers": 2,
             "buckets": 32, "maxDistance": 128, "textLength": 32, "maxTokens": 31},
    "dit": {"dim": 256, "heads": 4, "layers": 8, "ffnDim": 1024, "freqDim": 256, "eps": 1e-6, "ropeTheta": 10000, "ropeTableLength": 1024},
    "decoder": {"widths": [160, 96, 48, 32]},
    "sampler": {"kind": "euler", "steps": [1000, 875, 750, 625, 500, 375, 250, 125], "shift": 5, "chunkFrames": 3},
    "memory": {
        "mode": "paper", "policy": "nam+sma",
        "sinkFrames": 1, "windowFrames": 3, "bankFrames": 3, "activatedFrames": 2, "capacity": 64, "recordInterval": 1,
        "positions": {"kind": "relative", "sink": 0, "bank": 2, "current": 10},
    },
}
# The few steps of a distilled generator (nominal, of 1000). The last starts at a noise level of 0.469; of four even ones it would at 0.625.
FEW_STEPS = [1000, 750, 450, 150]


def animatic() -> dict:
    return copy.deepcopy(ANIMATIC)


class NominalSteps(argparse.Action):
    """An option's list of nominal steps, of 1000; anything but a list that falls from 1000 to 1 at least is an error of the command line."""

    def __call__(self, parser, namespace, values, option_string=None):
        if values[0] != 1000 or values[-1] < 1 or any(a <= b for a, b in zip(values, values[1:])):
            parser.error(f"{option_string} names the steps themselves, falling from 1000, such as {' '.join(map(str, FEW_STEPS))}; given {' '.join(map(str, values))}")
        setattr(namespace, self.dest, values)


def sigma_of(i: float, shift: float) -> float:
    """Noise level at index i of 1000: s = 1 - i/1000, sigma = shift*s / (1 + (shift-1)*s)."""
    s = 1 - i / 1000
    return shift * s / (1 + (shift - 1) * s)
