"""A small network that names what frames show, trained on drawn frames; it scores generated ones."""
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from .story import ACCESSORIES, ACTIONS, CHUNK_FRAMES, CLEAR, PLACES, RAIN, SIZES, SNOWFALL, SPECIES, Curriculum, alone_in, in_pairs
from .characters import NINE
from .precision import mixed_precision
from .staging import CLIP_PLANS
from .world import CURRICULA, draw_story, make_story

LOOKS = (0, 3, 5, 8)  # of the last nine frames of a chunk, which the first chunk has as well
OF_THE_SHOT = {"place": PLACES, "size": SIZES, "weather": [CLEAR, RAIN, SNOWFALL]}
OF_A_CHARACTER = {"species": SPECIES, "colour": list(NINE), "action": ACTIONS, "accessory": ["none", *ACCESSORIES]}
ROWS, COLUMNS = 6, 10  # of the probe's map: cells of 16 pixels
SIDES = {"anywhere": slice(0, COLUMNS), "left": slice(0, COLUMNS // 2), "right": slice(COLUMNS // 2, COLUMNS)}
MIRRORED = {"anywhere": "anywhere", "left": "right", "right": "left"}
TRAIN_STORIES, TEST_STORIES = range(2_000_000, 2_012_000), range(3_000_000, 3_000_120)
BATCH, EPOCHS, RATE = 64, 8, 3e-3
UNASKED = -100  # the label of what nobody can see


def varying(cur: Curriculum) -> list[str]:
    """The attributes that differ between the stories of a curriculum."""
    return ["place", "species", "colour", "action"] + ["accessory"] * (cur.accessory_share > 0) + ["size"] * (cur.wide_share > 0) + ["weather"] * (cur.weather_share > 0)


def look(frames: np.ndarray) -> np.ndarray:
    """What the probe sees of a chunk's frames [F, 96, 160, 3] uint8: four of them, [12, 96, 160] uint8."""
    return frames[-9:][list(LOOKS)].transpose(0, 3, 1, 2).reshape(-1, *frames.shape[1:3])


def of_chunk(frames: np.ndarray, chunk: int) -> np.ndarray:
    """The frames (or boxes) of a story's chunk."""
    end = 9 + CHUNK_FRAMES * chunk
    return frames[max(0, end - CHUNK_FRAMES):end]


def side_of(figure: dict, figures: list[dict]) -> str:
    """Where the probe has to look for one of a shot's `figures`: anywhere if it is alone, else in its half."""
    return figure["slot"] if len(figures) > 1 else "anywhere"


def _labels(keys, truth: dict) -> list[int]:
    """Class indices; UNASKED where the truth is none of the classes."""
    return [names.index(truth[key] or "none") if (truth[key] or "none") in names else UNASKED for key, names in keys.items()]


class Probe(nn.Module):
    """Convolutions over four frames of a chunk to a map of cells; every cell says how likely a character is there, and what it shows.

    What a region of the picture shows is the mean of its cells, weighted by how likely a character is there.
    """

    def __init__(self, keys: list[str], of_the_shot: dict[str, list] = OF_THE_SHOT, of_a_character: dict[str, list] = OF_A_CHARACTER):
        super().__init__()
        self.keys, self.of_the_shot, self.of_a_character = keys, of_the_shot, of_a_character
        widths = (3 * len(LOOKS), 32, 48, 96, 160)
        down = (layer for a, b in zip(widths, widths[1:]) for layer in (nn.Conv2d(a, b, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(b), nn.ReLU()))
        around = (layer for _ in range(2) for layer in (nn.Conv2d(160, 160, 3, padding=1, bias=False), nn.BatchNorm2d(160), nn.ReLU()))
        self.body = nn.Sequential(*down, *around)
        self.cells = nn.Conv2d(160, 1 + sum(map(len, of_a_character.values())), 1)
        self.shot = nn.Linear(2 * 160, sum(map(len, of_the_shot.values())))

    def forward(self, looks):
        """[N, 12, 96, 160] in 0..1 -> (logits of the shot, logits that a cell holds a character [N, 6, 10], what it shows [N, classes, 6, 10])."""
        there = self.body((looks - 0.5).contiguous(memory_format=torch.channels_last))
        cells = self.cells(there).float()
        return self.shot(torch.cat([there.mean((2, 3)), there.amax((2, 3))], 1)).float(), cells[:, 0], cells[:, 1:]

    @staticmethod
    def seen(present, shown, side: str):
        """Logits [N, classes] of what a side of the picture shows."""
        weight = present[:, :, SIDES[side]].detach().flatten(1).softmax(1)
        return (shown[:, :, :, SIDES[side]].flatten(2) * weight[:, None]).sum(2)

    @torch.no_grad()
    def names(self, looks: list[np.ndarray], sides: list[str] | None = None) -> list[dict[str, str]]:
        """What the probe calls each chunk's attributes, after a look at it and one at its mirror image; `sides`, of SIDES, says where it looks for the character."""
        out = []
        for i, pixels in enumerate(looks):
            side, seen = sides[i] if sides else "anywhere", torch.from_numpy(pixels)[None].float() / 255
            shot, present, shown = self(torch.cat([seen, seen.flip(3)]))
            figure = torch.cat([self.seen(present[k:k + 1], shown[k:k + 1], where) for k, where in enumerate((side, MIRRORED[side]))])
            out.append({key: self.classes[key][part.argmax()] for key, part in self.parts(shot, figure).items() if key in self.keys})
        return out

    @property
    def classes(self) -> dict[str, list]:
        return self.of_the_shot | self.of_a_character

    def parts(self, shot, figure) -> dict[str, torch.Tensor]:
        """How likely each class of each attribute is, of a look and its mirror image together; logits [2, classes]."""
        sizes = ([len(names) for names in table.values()] for table in (self.of_the_shot, self.of_a_character))
        logits = [part for told, size in zip((shot, figure), sizes) for part in told.split(size, 1)]
        return {key: part.log_softmax(1).mean(0).softmax(0) for key, part in zip(self.classes, logits)}


def drawn(cur: Curriculum, stories):
    """Drawn chunks of stories in which nothing returns: (look, share of every cell inside a character's box [6, 10], truth)."""
    for seed in stories:
        plan = CLIP_PLANS[random.Random(seed).random() < cur.pair_share]
        story = make_story(seed, cur, len(plan.split()), plan)
        frames, boxes = draw_story(story)
        for chunk in range(len(story.chunk_shot)):
            inside = np.zeros((96, 160), np.float32)
            for x0, y0, x1, y1 in of_chunk(boxes, chunk)[-5]:
                inside[y0:y1, x0:x1] = 1
            yield look(of_chunk(frames, chunk)), inside.reshape(ROWS, 16, COLUMNS, 16).mean((1, 3)), story.truth(chunk)


def _varied(looks: torch.Tensor, rng: random.Random) -> torch.Tensor:
    """Looks in 0..1 as a decoder makes them, a little soft, a little noisy."""
    if rng.random() < 0.5:
        looks = F.avg_pool2d(F.pad(looks, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return looks + rng.random() * 0.03 * torch.randn_like(looks)


def train_probe(world: str) -> Probe:
    """A probe of a world, after about twenty minutes of one core and with six gigabytes of memory."""
    return taught(Probe(varying(CURRICULA[world])), drawn(CURRICULA[world], TRAIN_STORIES))


def taught(probe: Probe, chunks) -> Probe:
    """Trains a probe on drawn chunks (look, share of cells, truth); a class that the truth has as None is not asked for, if it is none of those there are."""
    torch.manual_seed(0)
    rng = random.Random(0)
    of_the_shot, of_a_character = probe.of_the_shot, probe.of_a_character
    looks, insides, shots, figures = [], [], [], []
    for pixels, inside, truth in chunks:
        for_sides = {side_of(figure, truth["figures"]): _labels(of_a_character, figure) for figure in truth["figures"]}
        figures.append([for_sides.get(side, [-1] * len(of_a_character)) for side in SIDES])
        looks.append(torch.from_numpy(pixels))
        insides.append(torch.from_numpy(inside))
        shots.append(_labels(of_the_shot, truth))
    looks, insides, shots, figures = torch.stack(looks), torch.stack(insides), torch.tensor(shots), torch.tensor(figures)
    probe = probe.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(probe.parameters(), RATE, weight_decay=0.02)
    total, step = EPOCHS * (len(looks) // BATCH), 0
    for _ in range(EPOCHS):
        for rows in torch.randperm(len(looks)).split(BATCH)[:len(looks) // BATCH]:
            for group in optimiser.param_groups:
                group["lr"] = RATE * (1 - step / total)
            seen, inside, told = looks[rows], insides[rows], figures[rows]
            if rng.random() < 0.5:  # mirrored: what was left is right
                seen, inside, told = seen.flip(3), inside.flip(2), told[:, [0, 2, 1]]
            with mixed_precision("cpu"):
                shot, present, shown = probe(_varied(seen.float() / 255, rng))
            loss = F.binary_cross_entropy_with_logits(present, inside) + _named(of_the_shot, shot, shots[rows])
            for index, side in enumerate(SIDES):
                here = told[:, index, 0] >= 0
                if here.any():
                    loss = loss + here.float().mean() * _named(of_a_character, probe.seen(present[here], shown[here], side), told[here, index])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            step += 1
    return probe.eval()


def _named(keys, logits, labels):
    parts = logits.split([len(names) for names in keys.values()], 1)
    asked = (labels != UNASKED).any(0).tolist()
    return sum(F.cross_entropy(part, labels[:, i], ignore_index=UNASKED) for i, part in enumerate(parts) if asked[i])


def probe_of(world: str, folder: Path) -> Probe:
    """The probe of a world, trained once and kept in `folder`."""
    path = folder / f"probe-{world}.pt"
    if not path.exists():
        probe = train_probe(world)
        torch.save(probe.state_dict(), path)
        return probe
    probe = Probe(varying(CURRICULA[world]))
    probe.load_state_dict(torch.load(path))
    return probe.eval()


def load_probe(world: str, folder: Path) -> tuple[Probe, dict[str, list[bool]], dict[str, list[bool]]]:
    """The probe of a world, and its hits on held-out drawn chunks: of one character, and of each of two."""
    probe = probe_of(world, folder)
    alone: dict[str, list[bool]] = {key: [] for key in probe.keys}
    paired: dict[str, list[bool]] = {key: [] for key in probe.keys if key in OF_A_CHARACTER}
    cur = CURRICULA[world]
    for exam in [alone_in(cur), *[in_pairs(cur)] * (cur.pair_share > 0)]:
        for pixels, _, truth in drawn(exam, TEST_STORIES):
            figures = truth["figures"]
            named = probe.names([pixels] * len(figures), [side_of(figure, figures) for figure in figures])
            for figure, name in zip(figures, named):
                for key, hits in (paired if len(figures) > 1 else alone).items():
                    hits.append(name[key] == ({**truth, **figure}[key] or "none"))
    return probe, alone, paired
