"""Checks what FramePack's history is made of: exits with 1 and says what differs.

python3 training/packs_check.py
"""
import sys

import torch

from throughline.config import animatic
from throughline.dit import CausalDiT
from throughline.packs import NOW, PackEmbeddings, packs_before, padded, pooled_factors

PUBLISHED = 3926  # tokens of the context for latents of 60 x 104 (model reference F)


def tiling_is_exact() -> str | None:
    """A token of the tiled embeddings is the mean of the whole frames' tokens in it; exactly so, since these numbers are whole and their sums fit."""
    dit = CausalDiT(animatic())
    with torch.no_grad():
        for p in dit.patch_embedding.parameters():
            p.copy_(torch.randint(-8, 9, p.shape))
        embeddings = PackEmbeddings.tiled(dit.patch_embedding)
        for rate in (2, 4):
            frames = torch.randint(-8, 9, (3, rate, 16, 2 * dit.rows, 2 * dit.columns)).float()
            whole = dit.patch_embedding(padded(frames.transpose(1, 2), 2 * rate))  # [E, dim, frames, rows, columns]
            mean = whole.unflatten(-1, (-1, rate)).unflatten(-3, (-1, rate)).mean((2, 4, 6)).flatten(2).transpose(1, 2)
            if not torch.equal(embeddings.of(dit, rate, frames), mean):
                return f"the tiled embedding of {rate} frames is not the mean of theirs"
    return None


def counts() -> str | None:
    config = animatic()
    config["video"] |= {"width": 8 * 104, "height": 8 * 60}
    dit = CausalDiT(config)
    sizes = [len(pooled_factors(dit.rope, dit.rows, dit.columns, pack)) for pack in packs_before(30, False)]
    return None if sum(sizes) == PUBLISHED else f"the context has {sum(sizes)} tokens at 480p, not {PUBLISHED}: {sizes}"


def indices() -> str | None:
    """F1: start 0, 4x 1-16, 2x 17-18, 1x 19, noisy from 20 on; each of the last nineteen frames is in one pack."""
    packs = packs_before(30, False)
    got = [(pack.rate, pack.time, pack.frames) for pack in packs]
    want = [(4, 1 + 4 * i, tuple(range(11 + 4 * i, 15 + 4 * i))) for i in range(4)] + [(2, 17, (27, 28)), (1, 0, (0,)), (1, NOW - 1, (29,))]
    return None if got == want else f"the history after thirty frames is {got}"


def pooling() -> str | None:
    """Factors of whole frames are those that the transformer turns with; a pack's are their mean, and no rotation any more."""
    dit = CausalDiT(animatic())
    *_, last = packs_before(30, False)
    x = torch.randn(1, dit.rows * dit.columns, 1, dit.dim // dit.heads)
    whole = torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2))) * pooled_factors(dit.rope, dit.rows, dit.columns, last)[:, None]).flatten(-2)
    if not torch.allclose(whole, dit.rope(x, torch.tensor([last.time])), atol=1e-6):
        return "a whole frame is turned otherwise than the transformer turns it"
    lengths = pooled_factors(dit.rope, dit.rows, dit.columns, packs_before(30, False)[0]).abs()
    return None if lengths.min() < 0.9 and lengths.max() <= 1 + 1e-6 else "pooled factors are not means"


def main():
    torch.manual_seed(0)
    wrong = [said for check in (tiling_is_exact, counts, indices, pooling) if (said := check()) is not None]
    for said in wrong:
        print(said)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
