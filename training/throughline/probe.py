"""Small networks that name what frames show, trained on drawn frames; they score generated ones."""
import dataclasses
import random
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from .story import ACCESSORIES, ACTIONS, CHUNK_FRAMES, CLEAR, PLACES, RAIN, SIZES, SNOWFALL, SPECIES, Curriculum, in_pairs
from .characters import COLOURS
from .world import CURRICULA, draw_story, make_story

LOOKS = (0, 3, 5, 8)  # of the last nine frames of a chunk, which the first chunk has as well
ATTRIBUTES = {"place": PLACES, "species": SPECIES, "colour": list(COLOURS), "accessory": ["none", *ACCESSORIES], "action": ACTIONS, "size": SIZES,
              "weather": [CLEAR, RAIN, SNOWFALL]}
OF_A_CHARACTER = ("species", "colour", "accessory", "action")
TRAIN_SEEDS, TEST_SEEDS = range(2_000_000, 2_001_500), range(3_000_000, 3_000_040)
CHUNKS = 6


def varying(cur: Curriculum) -> list[str]:
    """The attributes that differ between the stories of a curriculum."""
    return ["place", "species", "colour", "action"] + ["accessory"] * (cur.accessory_share > 0) + ["size"] * (cur.wide_share > 0) + ["weather"] * (cur.weather_share > 0)


def look(frames: np.ndarray) -> np.ndarray:
    """What the probe sees of a chunk's frames [F, 96, 160, 3] uint8: four of them at half size, [12, 48, 80] float16."""
    picked = frames[-9:][list(LOOKS)].astype(np.float32) / 255
    small = picked.reshape(len(LOOKS), 48, 2, 80, 2, 3).mean((2, 4))
    return small.transpose(0, 3, 1, 2).reshape(-1, 48, 80).astype(np.float16)


def of_chunk(frames: np.ndarray, chunk: int) -> np.ndarray:
    """The frames of a story's chunk."""
    end = 9 + CHUNK_FRAMES * chunk
    return frames[max(0, end - CHUNK_FRAMES):end]


def labels_of(truth: dict) -> list[int]:
    named = truth | {"accessory": truth["accessory"] or "none"}
    return [names.index(named[key]) for key, names in ATTRIBUTES.items()]


class Probe(nn.Module):
    """Convolutions over four frames of a chunk, then one linear head an attribute."""

    def __init__(self, keys: list[str], columns: int):
        super().__init__()
        self.keys = keys
        widths = (3 * len(LOOKS), 24, 32, 64, 96)
        self.body = nn.Sequential(*(layer for a, b in zip(widths, widths[1:]) for layer in (nn.Conv2d(a, b, 3, stride=2, padding=1), nn.BatchNorm2d(b), nn.ReLU())))
        self.heads = nn.Linear(96 * 3 * -(-columns // 16), sum(map(len, ATTRIBUTES.values())))

    def forward(self, looks):
        """[N, 12, 48, columns] -> logits per attribute."""
        out = self.heads(self.body(looks - 0.5).flatten(1))
        return dict(zip(ATTRIBUTES, out.split([len(names) for names in ATTRIBUTES.values()], 1)))

    @torch.no_grad()
    def names(self, looks: list[np.ndarray]) -> list[dict[str, str]]:
        """What the probe calls each chunk's attributes."""
        logits = self(torch.from_numpy(np.stack(looks)).float())
        picks = {key: logits[key].argmax(1).tolist() for key in self.keys}
        return [{key: ATTRIBUTES[key][picks[key][i]] for key in self.keys} for i in range(len(looks))]


def halves(seen: np.ndarray) -> dict[str, np.ndarray]:
    """What the probe of pairs sees of a look: either half of the picture, where one of the two is."""
    return {"left": seen[..., :40], "right": seen[..., 40:]}


def drawn(world: str, seeds) -> tuple[torch.Tensor, torch.Tensor]:
    """Looks and labels of drawn chunks with one character each."""
    cur = dataclasses.replace(CURRICULA[world], pair_share=0)
    looks, labels = [], []
    for seed in seeds:
        story = make_story(seed, cur, CHUNKS)
        frames, _ = draw_story(story)
        for chunk in range(CHUNKS):
            looks.append(look(of_chunk(frames, chunk)))
            labels.append(labels_of(story.truth(chunk)))
    return torch.from_numpy(np.stack(looks)), torch.tensor(labels)


def drawn_halves(world: str, seeds) -> tuple[torch.Tensor, torch.Tensor]:
    """Looks and labels of the halves of drawn chunks with two characters each."""
    looks, labels = [], []
    for seed in seeds:
        story = make_story(seed, in_pairs(CURRICULA[world]), CHUNKS // 2, "A01 B12 C02")
        frames, _ = draw_story(story)
        for chunk in range(CHUNKS // 2):
            truth, sides = story.truth(chunk), halves(look(of_chunk(frames, chunk)))
            looks += [sides[figure["slot"]] for figure in truth["figures"]]
            labels += [labels_of({**truth, **figure}) for figure in truth["figures"]]
    return torch.from_numpy(np.stack(looks)), torch.tensor(labels)


def _varied(looks: torch.Tensor, rng: random.Random) -> torch.Tensor:
    """Looks as they might also be: mirrored, moved, and as a decoder makes them, a little soft, a little noisy."""
    if rng.random() < 0.5:
        looks = looks.flip(3)
    reach = looks.shape[3] * 3 // 40
    looks = looks.roll(rng.randint(-reach, reach), 3)
    if rng.random() < 0.5:
        looks = F.avg_pool2d(F.pad(looks, (1, 1, 1, 1), mode="replicate"), 3, 1)
    return looks + rng.random() * 0.03 * torch.randn_like(looks)


def train_probe(keys: list[str], looks: torch.Tensor, labels: torch.Tensor, epochs: int = 12) -> Probe:
    torch.manual_seed(0)
    rng = random.Random(0)
    probe = Probe(keys, looks.shape[3])
    optimiser = torch.optim.AdamW(probe.parameters(), 2e-3, weight_decay=0.02)
    total, step = epochs * (len(looks) // 64), 0
    for _ in range(epochs):
        for rows in torch.randperm(len(looks)).split(64)[:len(looks) // 64]:
            for group in optimiser.param_groups:
                group["lr"] = 2e-3 * (1 - step / total)
            logits = probe(_varied(looks[rows].float(), rng))
            loss = sum(F.cross_entropy(logits[key], labels[rows, list(ATTRIBUTES).index(key)]) for key in probe.keys)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            step += 1
    return probe.eval()


def load_probe(world: str, folder: Path, pairs: bool = False) -> tuple[Probe, dict[str, list[bool]]]:
    """The probe of a world, or that of the halves of its shots of two, trained once and kept in `folder`; and its hits on held-out drawn chunks."""
    path = folder / f"probe-{world}{'-pairs' if pairs else ''}.pt"
    keys, draw = varying(CURRICULA[world]), drawn_halves if pairs else drawn
    keys = [key for key in keys if key in OF_A_CHARACTER] if pairs else keys
    looks, labels = draw(world, TEST_SEEDS)
    if path.exists():
        probe = Probe(keys, looks.shape[3])
        probe.load_state_dict(torch.load(path))
        probe.eval()
    else:
        probe = train_probe(keys, *draw(world, TRAIN_SEEDS))
        torch.save(probe.state_dict(), path)
    with torch.no_grad():
        logits = probe(looks.float())
    return probe, {key: (logits[key].argmax(1) == labels[:, list(ATTRIBUTES).index(key)]).tolist() for key in probe.keys}
