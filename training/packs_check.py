"""Checks what FramePack's history is made of: exits with 1 and says what differs.

python3 training/packs_check.py
"""
import copy
import sys

import torch

from throughline.coming_back import HIDDEN, looked_past
from throughline.config import animatic
from throughline.dit import CausalDiT
from throughline.long_shots import as_made_by
from throughline.packs import NOW, PUBLISHED, PackedEngine, PackEmbeddings, packs_before, padded, pooled_factors
from make_fixtures import PACKED, random_adapter, random_model
from train_framepack import PLACES, Student, visited

TOKENS = 3926  # tokens of the context for latents of 60 x 104 (model reference F)


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
    sizes = [len(pooled_factors(dit.rope, dit.rows, dit.columns, pack, PUBLISHED[pack.rate])) for pack in packs_before(30, False)]
    return None if sum(sizes) == TOKENS else f"the context has {sum(sizes)} tokens at 480p, not {TOKENS}: {sizes}"


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
    whole = torch.view_as_real(torch.view_as_complex(x.unflatten(-1, (-1, 2))) * pooled_factors(dit.rope, dit.rows, dit.columns, last, 1)[:, None]).flatten(-2)
    if not torch.allclose(whole, dit.rope(x, torch.tensor([last.time])), atol=1e-6):
        return "a whole frame is turned otherwise than the transformer turns it"
    lengths = pooled_factors(dit.rope, dit.rows, dit.columns, packs_before(30, False)[0], PUBLISHED[4]).abs()
    return None if lengths.min() < 0.9 and lengths.max() <= 1 + 1e-6 else "pooled factors are not means"


@torch.no_grad()
def batches(sides: dict[int, int]) -> str | None:
    """Training, many chunks at once with what they lack hidden, computes what the model does, one after the other."""
    config, tokenizer, modules = random_model(PACKED)
    adapter = random_adapter(config, modules[1], 4, torch.Generator().manual_seed(5), sides)
    engine = PackedEngine(config=config, modules=copy.deepcopy(modules), tokenizer=tokenizer, adapter=adapter)
    plain = PackedEngine(config=config, modules=modules, tokenizer=tokenizer, adapter={k: v * ("lora" not in k) for k, v in adapter.items()})
    student = Student(plain, 4, sides)
    for name, change in student.changes.items():
        change.A.copy_(adapter[f"{name}.lora_A.weight"])
        change.B.copy_(adapter[f"{name}.lora_B.weight"])
    student.embeddings.load_state_dict(plain.embeddings.state_dict())
    context = engine.prompt("A red cat walks in the meadow.").context
    history, noisy = torch.randn(30, 16, 10, 10), torch.randn(4, 3, 16, 10, 10)
    cases = [(0, False), (6, True), (6, False), (30, False)]
    shown, frames = [], [[] for _ in PLACES]
    for count, cut in cases:
        there = {pack.time: pack for pack in packs_before(count, cut)}
        shown.append([place.time in there for place in PLACES])
        for place, into in zip(PLACES, frames):
            into.append(history[list(there[place.time].frames if place.time in there else [0] * place.rate)])
    made = student([torch.stack(f) for f in frames], torch.tensor(shown), noisy, torch.full((4,), 900.0), context, torch.zeros(4, dtype=torch.long))
    for x, got, (count, cut) in zip(noisy, made, cases):
        want = engine.velocity_after(engine.packed(packs_before(count, cut), history, context), x, 900.0, context)
        if not torch.allclose(got, want, atol=1e-4):
            return f"sides of {sides}: after {count} frames{', a cut,' if cut else ''} training differs from the model by {float((got - want).abs().max())}"
    film = {"prompts": ["A red cat walks in the meadow."] * 3, "cut": [True, False, False], "noise": torch.randn(3, 3, 16, 10, 10)}
    made, wanted = (as_made_by(way, film)["latents"].float() for way in (PackedEngine.around(plain, embeddings=student.embeddings), engine))
    return None if torch.allclose(made, wanted, atol=1e-2) else f"sides of {sides}: what training makes of a shot differs from the model's by {float((made - wanted).abs().max())}"


def visits() -> str | None:
    """A chunk that comes back after four chunks is led to the pack of the visit, after six it no longer sees it, and one that does not come back is led nowhere."""
    for absence, want in ((1, [13]), (3, [9]), (4, [5]), (5, [1]), (6, [])):
        chunks = absence + 3
        got = [place.time for place, there in zip(PLACES, visited({"prompts": [""] * chunks, "cut": [True] * chunks}, chunks - 1)) if there]
        if got != want:
            return f"what was left for {absence} chunks is looked for in packs {got}"
    going_on = visited({"prompts": [""] * 7, "cut": [True] * 6 + [False]}, 6)
    return "a chunk that does not come back is led to a pack" if any(going_on) else None


@torch.no_grad()
def looking() -> str | None:
    """What is looked past is less where what was visited is all there is, and grows with what there is besides."""
    q, keys, hidden = torch.randn(1, 60, 2, 8), torch.randn(1, 10, 2, 8), torch.zeros(1, 1, 1, 10)
    far = [float(looked_past(q, keys, hidden, torch.arange(10)[None] < count)) for count in (10, 6, 2)]
    masked = float(looked_past(q, keys, torch.where(torch.arange(10) < 2, 0.0, HIDDEN)[None, None, None], torch.arange(10)[None] < 2))
    return None if abs(far[0]) < 1e-5 and far[0] < far[1] < far[2] and abs(masked) < 1e-5 else f"looked past by {far}, where all else is hidden by {masked}"


def main():
    torch.manual_seed(0)
    checks = (tiling_is_exact, counts, indices, pooling, lambda: batches(PUBLISHED), lambda: batches({1: 1, 2: 2, 4: 1}), visits, looking)
    wrong = [said for check in checks if (said := check()) is not None]
    for said in wrong:
        print(said)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
