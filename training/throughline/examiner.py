"""Reads whole shots: whether a picture shows all that a hand-written prompt asks for, and nothing else.

The examiner is a probe (probe.py) that also names time, props, accessories' colours and the number of characters, trained on
drawn chunks of both worlds, since what ships may have learned the one or the other.
"""
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
import torch

from .characters import COLOURS
from .exam import Asked, Character
from .places import DAY, NIGHT, SUNSET
from .probe import MIRRORED, OF_A_CHARACTER, OF_THE_SHOT, Probe, drawn, look, taught
from .story import ACCESSORIES, CURRICULA, PROPS

COUNTS = ["1", "2"]
SHOT = OF_THE_SHOT | {"time": [DAY, NIGHT, SUNSET], "prop": ["none", *PROPS], "prop_colour": ["none", *COLOURS], "count": COUNTS}
CHARACTER = OF_A_CHARACTER | {"colour": list(COLOURS), "accessory": ["none", *ACCESSORIES], "accessory_colour": ["none", *COLOURS]}
TRAINING = {"everyday": range(2_100_000, 2_112_000), "full": range(2_200_000, 2_204_000)}
HELD_OUT = range(3_100_000, 3_100_090)
SURE = 0.5  # how likely what is read has to be for a picture to be clean
HIDDEN = "hidden"


def told(truth: dict) -> dict:
    """The truth of a chunk in the examiner's words; what the camera may not show is HIDDEN."""
    prop, seen = truth["prop"], truth["size"] != "close-up" and truth["camera"] == "still"
    return truth | {"prop": HIDDEN if prop and not seen else prop["kind"] if prop else "none", "prop_colour": HIDDEN if prop and not seen else prop["colour"] if prop else "none",
                    "count": str(len(truth["figures"]))}


def _chunks(stories: dict[str, range]):
    for world, seeds in stories.items():
        for pixels, inside, truth in drawn(CURRICULA[world], seeds):
            yield pixels, inside, told(truth)


def load_examiner(folder: Path) -> Probe:
    """The examiner, trained once (about forty minutes of one core, with seven gigabytes of memory) and kept in `folder`."""
    path, examiner = folder / "examiner.pt", Probe([*SHOT, *CHARACTER], SHOT, CHARACTER)
    if path.exists():
        examiner.load_state_dict(torch.load(path))
        return examiner.eval()
    examiner = taught(examiner, _chunks(TRAINING))
    torch.save(examiner.state_dict(), path)
    return examiner


@dataclass
class Reading:
    """What was read of a shot: `right` by attribute of what was asked; `sure`, whether all that is right is read with some certainty; `seen`, the names."""
    right: dict[str, bool]
    sure: bool
    seen: str

    @property
    def right_and_clean(self) -> bool:
        return self.sure and all(self.right.values())


@torch.no_grad()
def _parts(examiner: Probe, pixels: np.ndarray, side: str) -> dict[str, torch.Tensor]:
    seen = torch.from_numpy(pixels)[None].float() / 255
    shot, present, shown = examiner(torch.cat([seen, seen.flip(3)]))
    figure = torch.cat([examiner.seen(present[k:k + 1], shown[k:k + 1], where) for k, where in enumerate((side, MIRRORED[side]))])
    return examiner.parts(shot, figure)


def read(examiner: Probe, frames: np.ndarray, asked: Asked) -> Reading:
    """Reads the last frames of a chunk against what was asked. Two characters may stand on either side unless they are all alike read so."""
    pixels = look(frames)
    sides = ("left", "right") if len(asked.characters) == 2 else ("anywhere",)
    views = [_parts(examiner, pixels, side) for side in sides]
    names = examiner.classes

    def name(parts: dict, key: str) -> str:
        return names[key][int(parts[key].argmax())]

    shot_asked = {key: value for key, value in asked.of_the_shot().items() if value is not None}
    right = {key: name(views[0], key) == value for key, value in shot_asked.items()}
    certain = [float(views[0][key].max()) for key in shot_asked]

    def of(character: Character, view: dict) -> dict[str, bool]:
        return {key: name(view, key) in value for key, value in character.wanted().items()}

    best = max(permutations(views), key=lambda order: sum(sum(of(c, v).values()) for c, v in zip(asked.characters, order)))
    for index, (character, view) in enumerate(zip(asked.characters, best)):
        for key, hit in of(character, view).items():
            right[f"{key} {index + 1}"] = hit
            certain.append(float(view[key].max()))
    seen = " ".join([*(name(views[0], key) for key in SHOT), "|", *(" ".join(name(view, key) for key in CHARACTER) + ";" for view in best)])
    return Reading(right, min(certain) >= SURE, seen)


def of_drawn(examiner: Probe) -> list[Reading]:
    """The examiner's readings of drawn, held-out chunks of the second world, asked for all that they show: what no model can better."""
    out = []
    for pixels, _, truth in _chunks({"everyday": HELD_OUT}):
        frames = pixels.reshape(-1, 3, *pixels.shape[1:]).transpose(0, 2, 3, 1)
        nine = np.repeat(frames, [3, 2, 3, 1], 0)  # a look takes frames 0, 3, 5 and 8 of nine
        out.append(read(examiner, nine, Asked.of(truth)))
    return out
