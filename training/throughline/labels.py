"""Truth as a second teacher: what a token shows must be readable halfway through the transformer.

The world is drawn, so the place, its light and weather, how near the camera is, and inside a
character's box what and who it is, wears and does, are known for every token. A linear head on the hidden state of the noisy passes
must name them (representation alignment as in REPA, with truth in place of a vision
model). At high noise only prompt and memory can tell, so this binds words to pictures
long before the flow loss does. The heads are used in training only and are not exported.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F

from .characters import COLOURS
from .places import DAY, NIGHT, SUNSET
from .story import ACCESSORIES, ACTIONS, CLEAR, PLACES, RAIN, SIZES, SNOWFALL, SPECIES

MEDIUM_TOKENS = 9  # tokens that a character fills in a medium shot, on average
UPPER = 2  # how many times the upper half of a character counts in the flow loss
SHARD_FORMAT = 6  # of stored stories
OF_THE_SHOT = {"place": PLACES, "time": [DAY, NIGHT, SUNSET], "weather": [CLEAR, RAIN, SNOWFALL], "size": SIZES}
CLASSES = {**OF_THE_SHOT, "species": SPECIES, "colour": list(COLOURS), "action": ACTIONS,
           "accessory": [None, *ACCESSORIES], "accessory_colour": [None, *COLOURS]}


def label_row(truth: dict) -> list[int]:
    """Class indices of what a character shows in a chunk, in the order of CLASSES."""
    return [names.index(truth[key]) for key, names in CLASSES.items()]


def per_character(story: dict, characters: int) -> tuple[torch.Tensor, torch.Tensor]:
    """(labels [chunks, characters, classes], insides [T, characters, tokens]) of a stored story; the absent fill no token."""
    labels = torch.tensor([[*rows, *[rows[0]] * (characters - len(rows))] for rows in story["figures"]])
    return labels, F.pad(story["insides"].float(), (0, 0, 0, characters - story["insides"].shape[1]))


def counted(inside):
    """How many times tokens of `inside` [..., tokens], what a shot's characters fill together, count, [..., 1]: if little, up to as much as one in a medium shot."""
    return (MEDIUM_TOKENS / inside.sum(-1, keepdim=True).clamp(min=1e-6)).clamp(1, 3)


def telling(inside, columns: int):
    """How many times tokens of `inside` [..., tokens], in rows of `columns`, count, by rows [..., tokens]: UPPER times where less than half of a character lies above, since ears and faces tell a species."""
    rows = inside.unflatten(-1, (-1, columns)).sum(-1)
    above = rows.cumsum(-1) - rows
    return torch.where(above < rows.sum(-1, keepdim=True) / 2, UPPER, 1).repeat_interleave(columns, -1)


class LabelHead(nn.Module):
    """Names every token from its hidden state."""

    def __init__(self, dim: int):
        super().__init__()
        self.sizes = [len(names) for names in CLASSES.values()]
        self.norm, self.out = nn.LayerNorm(dim), nn.Linear(dim, sum(self.sizes) + 1)

    def forward(self, hidden, labels, insides):
        """(loss, accuracy per class [classes]) of hidden [E, F, tokens, dim] against each character's labels [E, K, classes] and `insides` [E, F, K, tokens], shares of its box.

        A token is asked for what the character shows that fills most of it.
        """
        logits = self.out(self.norm(hidden.float()))
        *named, present = logits.split([*self.sizes, 1], -1)
        inside, owner = insides.max(2)  # [E, F, tokens]
        loss = F.binary_cross_entropy_with_logits(present[..., 0], inside)
        accuracy = []
        for index, (key, guess) in enumerate(zip(CLASSES, named)):
            weight = torch.ones_like(inside) if key in OF_THE_SHOT else inside * counted(inside)
            target = labels[:, :, index].gather(1, owner.flatten(1)).view_as(owner)
            each = F.cross_entropy(guess.flatten(0, 2), target.flatten(), reduction="none").view_as(inside)
            total = weight.sum().clamp(min=1e-6)
            loss = loss + (each * weight).sum() / total
            accuracy.append((((guess.argmax(-1) == target) * weight).sum() / total).detach())
        return loss, torch.stack(accuracy)
