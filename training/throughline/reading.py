"""Reading without pictures: the text encoder must say who does what where.

Captions are cheap: thousands are read in the time in which one is drawn. For every slot of the
picture and every attribute a learned query attends to what cross-attention sees of the caption and a linear head
names what the caption says of that slot, and so for what concerns the whole shot. What a slot's
query has to look for is what the transformer's cross-attention has to look for, so that the
binding of words to characters ("a red cat and a blue dog") need not be found out from pixels.
Used in training only and not exported.
"""
import math
import random

import torch
import torch.nn as nn
import torch.nn.functional as F

from .labels import CLASSES, OF_THE_SHOT, label_row
from .story import CAMERAS, Curriculum
from .staging import CLIP_PLANS
from .text import PAD
from .world import SLOTS, make_story

NOBODY = -1  # the label of what an empty slot shows
OF_A_SLOT = [key for key in CLASSES if key not in OF_THE_SHOT]
SHOT_CLASSES = {key: CLASSES[key] for key in OF_THE_SHOT} | {"camera": CAMERAS}


def said(truth: dict) -> list[int]:
    """Labels in the order of the head's queries: the shot's, then each slot's."""
    row = [names.index(truth[key]) for key, names in SHOT_CLASSES.items()]
    by_slot = {figure["slot"]: dict(zip(CLASSES, label_row({**truth, **figure}))) for figure in truth["figures"]}
    return row + [by_slot[slot][key] if slot in by_slot else NOBODY for slot in SLOTS for key in OF_A_SLOT]


def captions_of(cur: Curriculum, tokenizer, first: int, stories: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Token ids [captions, L] and labels [captions, queries] of stories in which nothing returns, so that captions leave nothing out."""
    ids, labels = [], []
    for seed in range(first, first + stories):
        plan = CLIP_PLANS[random.Random(seed).random() < cur.pair_share]
        story = make_story(seed, cur, len(plan.split()), plan)
        for chunk, shot in enumerate(story.chunk_shot):
            if shot not in story.chunk_shot[:chunk] and story.shots[shot].transition == "cut":
                ids.append(tokenizer(story.shots[shot].prompt))
                labels.append(said(story.truth(chunk)))
    return torch.tensor(ids), torch.tensor(labels)


class ReadingHead(nn.Module):
    """Names what a caption says, from what cross-attention sees of it."""

    def __init__(self, dim: int):
        super().__init__()
        self.names = [*SHOT_CLASSES, *(key for _ in SLOTS for key in OF_A_SLOT)]
        sizes = [len((SHOT_CLASSES | CLASSES)[name]) for name in self.names]
        self.norm, self.key = nn.LayerNorm(dim), nn.Linear(dim, dim)
        self.queries = nn.Parameter(torch.randn(len(sizes), dim) * dim**-0.5)
        self.heads = nn.ModuleList(nn.Linear(dim, size) for size in sizes)

    def forward(self, context, ids, labels):
        """(loss, accuracy per attribute) of contexts [P, L, dim] (dit.text_context) of `ids` [P, L] against labels [P, queries]."""
        context = self.norm(context.float())
        scores = (self.key(context) @ self.queries.T / math.sqrt(context.shape[-1])).masked_fill((ids == PAD)[..., None], -1e4)  # [P, L, queries]
        read = torch.einsum("plq,pld->pqd", scores.softmax(1), context)
        loss, right = context.new_zeros(()), {}
        for index, (name, head) in enumerate(zip(self.names, self.heads)):
            there = labels[:, index] != NOBODY
            if there.any():
                guess, target = head(read[there, index]), labels[there, index]
                loss = loss + F.cross_entropy(guess, target) * there.float().mean()
                right.setdefault(name, []).append((guess.argmax(-1) == target).float())
        return loss, {name: torch.cat(hits).mean().item() for name, hits in right.items()}
