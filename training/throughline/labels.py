"""Truth as a second teacher: what a token shows must be readable halfway through the transformer.

The world is drawn, so the place, and inside a character's box its species, colour and
action, are known for every token. A linear head on the hidden state of the noisy passes
must name them (representation alignment as in REPA, with truth in place of a vision
model). At high noise only prompt and memory can tell, so this binds words to pictures
long before the flow loss does. The heads are used in training only and are not exported.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from .characters import COLOURS
from .world import ACTIONS, PLACES, SPECIES

CLASSES = {"place": PLACES, "species": SPECIES, "colour": list(COLOURS), "action": ACTIONS}


def label_row(truth: dict) -> list[int]:
    """Class indices of a chunk's truth, in the order of CLASSES."""
    return [names.index(truth[key]) for key, names in CLASSES.items()]


def per_character(story: dict, characters: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(labels [chunks, characters, 4], insides [T, characters, tokens]) of a stored story of any format; the absent fill no token."""
    insides = story["insides"] if "insides" in story else story["inside"][:, None]
    figures = story.get("figures") or [[row] for row in story["labels"]]
    labels = torch.tensor([[*rows, *[rows[0]] * (characters - len(rows))] for rows in figures])
    return labels, F.pad(insides.float(), (0, 0, 0, characters - insides.shape[1]))


class LabelHead(nn.Module):
    """Names every token from its hidden state."""

    def __init__(self, dim: int):
        super().__init__()
        self.sizes = [len(names) for names in CLASSES.values()]
        self.norm, self.out = nn.LayerNorm(dim), nn.Linear(dim, sum(self.sizes) + 1)

    def forward(self, hidden, labels, insides):
        """(loss, accuracy [4]) of hidden [E, F, tokens, dim] against each character's labels [E, K, 4] and `insides` [E, F, K, tokens], shares of its box.

        A token is asked for what the character shows that fills most of it.
        """
        logits = self.out(self.norm(hidden.float()))
        *named, present = logits.split([*self.sizes, 1], -1)
        inside, owner = insides.max(2)  # [E, F, tokens]
        loss = F.binary_cross_entropy_with_logits(present[..., 0], inside)
        accuracy = []
        for index, (key, guess) in enumerate(zip(CLASSES, named)):
            weight = torch.ones_like(inside) if key == "place" else inside
            target = labels[:, :, index].gather(1, owner.flatten(1)).view_as(owner)
            each = F.cross_entropy(guess.flatten(0, 2), target.flatten(), reduction="none").view_as(inside)
            total = weight.sum().clamp(min=1e-6)
            loss = loss + (each * weight).sum() / total
            accuracy.append((((guess.argmax(-1) == target) * weight).sum() / total).detach())
        return loss, torch.stack(accuracy)
