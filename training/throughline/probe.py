"""A small classifier that names places, species and colours in frames, to score generated ones."""
import numpy as np
import torch
import torch.nn.functional as F

from .world import FIRST, draw_story, make_story

TRAIN_SEEDS, TEST_SEEDS = range(2_000_000, 2_000_400), range(3_000_000, 3_000_060)


def _views(frames: torch.Tensor) -> dict[str, torch.Tensor]:
    """frames [N, 3, 96, 160] in 0..1 with the character in the middle -> flat features for place and for character."""
    whole = F.interpolate(frames, (24, 40), mode="area").flatten(1)
    figure = F.interpolate(frames[:, :, 24:92, 46:114], (28, 28), mode="area").flatten(1)
    return {"place": whole, "species": figure, "colour": figure}


class Probe:
    """Ridge regression on fixed random features, one head per attribute."""

    def __init__(self, width: int = 2048, ridge: float = 3.0):
        self.width, self.ridge = width, ridge
        self.classes = {"place": FIRST.places, "species": FIRST.species, "colour": FIRST.colours}
        self.lift: dict[str, torch.Tensor] = {}
        self.heads: dict[str, torch.Tensor] = {}

    def _features(self, key: str, x: torch.Tensor) -> torch.Tensor:
        if key not in self.lift:
            generator = torch.Generator().manual_seed(5)
            self.lift[key] = torch.randn(x.shape[1], self.width, generator=generator) * 3 / x.shape[1] ** 0.5
        hidden = torch.relu((x - 0.5) @ self.lift[key])
        return torch.cat([hidden, x, torch.ones(len(x), 1)], 1)

    def fit(self) -> dict[str, float]:
        """Trains on real frames; returns accuracy on held-out real frames per attribute."""
        frames, truth = real_frames(TRAIN_SEEDS)
        for key, view in _views(frames).items():
            x = self._features(key, view)
            target = F.one_hot(torch.tensor([self.classes[key].index(t[key]) for t in truth]), len(self.classes[key])).float()
            self.heads[key] = torch.linalg.solve(x.T @ x + self.ridge * torch.eye(x.shape[1]), x.T @ target)
        frames, truth = real_frames(TEST_SEEDS)
        return {key: float(np.mean(hit)) for key, hit in self.hits(frames, truth).items()}

    def hits(self, frames: torch.Tensor, truth: list[dict]) -> dict[str, list[bool]]:
        """For each frame and attribute, whether the probe names what `truth` says."""
        out = {}
        for key, view in _views(frames).items():
            named = (self._features(key, view) @ self.heads[key]).argmax(1).tolist()
            out[key] = [self.classes[key][n] == t[key] for n, t in zip(named, truth)]
        return out


def centred(story):
    """The same story with the character standing or waving in the middle, which probes and background measures rely on."""
    for shot in story.shots:
        figure = shot.figures[0]
        figure.slot, figure.direction = "middle", 1
        figure.action = "wave" if figure.action in ("wave", "walk") else "stand"
    return story


def real_frames(seeds):
    """Two frames of every chunk of centred stories, [N, 3, 96, 160], and their truth."""
    frames, truth = [], []
    for seed in seeds:
        story = centred(make_story(seed, FIRST, chunks=4, plan="A0 B1 C0 A1"))
        clip, _ = draw_story(story)
        for chunk in range(4):
            last = 9 + 12 * chunk
            frames += [clip[last - 6], clip[last - 2]]
            truth += [story.truth(chunk)] * 2
    return torch.from_numpy(np.stack(frames)).permute(0, 3, 1, 2).float() / 255, truth
