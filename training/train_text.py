"""Stage 2a': the text encoder learns to read, from captions alone; minutes, where learning it from pictures takes hours.

python3 training/train_text.py --minutes 4 --name reader                      # before there is a transformer
python3 training/train_text.py --minutes 4 --name reader --start generator    # a new encoder for a trained one
Learns to say what every slot of the picture shows (throughline/reading.py), from what the transformer's cross-attention sees.
With --start the encoder is a new one but for its word table, and as well learns to say to the transformer what the old one said,
so that it need not learn its words again. Writes training/runs/<name>.pt, for train_generator.py --start.
"""
import argparse
import dataclasses
import time

import torch
import torch.nn.functional as F

from throughline.config import animatic
from throughline.optim import make_optimisers, set_rate
from throughline.precision import mixed_precision
from throughline.reading import captions_of
from throughline.text import END, PAD, Tokenizer
from throughline.vocabulary import tokenizer_json
from throughline.world import CURRICULA
from train_generator import FIRST_CAPTION, RUNS, Generator, load, save

STORIES, BATCH, EMPTY = 12_000, 256, 8  # stories whose captions are read; captions a step; empty prompts a step
TESTED = 500  # captions held out


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=4)
    parser.add_argument("--world", choices=[name for name, cur in CURRICULA.items() if cur.painted], default="full")
    parser.add_argument("--muon-lr", type=float, default=0.02)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--start", help="checkpoint whose encoder is to be replaced")
    parser.add_argument("--name", default="reader")
    args = parser.parse_args()
    torch.manual_seed(0)
    config = animatic()
    length = config["text"]["textLength"]
    model, before, average = Generator(config), Generator(config).requires_grad_(False).eval(), {}
    step = samples = 0
    if args.start:
        state = load(RUNS / f"{args.start}.pt", before, average, "cpu")
        step, samples = state["step"], state["samples"]
        before.load_state_dict(average)
        model.dit.load_state_dict(before.dit.state_dict())
        model.labels.load_state_dict(before.labels.state_dict())
        model.text.token_embedding.load_state_dict(before.text.token_embedding.state_dict())
    cur = CURRICULA[args.world]
    # Half of the captions are of two characters, where there are such: they are the hard ones.
    cur = dataclasses.replace(cur, pair_share=float(cur.pair_share > 0))
    ids, labels = captions_of(cur, Tokenizer.of(tokenizer_json(), config["text"]), FIRST_CAPTION, STORIES)
    nothing = torch.tensor([[END] + [PAD] * (length - 1)]).expand(EMPTY, -1)
    learned = [(name, p) for name, p in model.named_parameters() if name.startswith(("text.", "reading.", "dit.text_embedding."))]
    optimisers = make_optimisers(learned, model.is_matrix, args.muon_lr, args.adam_lr, model.rate)
    began, count = time.time(), 0
    while (progress := (time.time() - began) / (60 * args.minutes)) < 1:
        set_rate(optimisers, progress, count, hold=0.5)
        rows = torch.randint(len(ids) - TESTED, (BATCH,))
        seen = torch.cat([ids[rows], nothing])
        with mixed_precision("cpu"):
            context = model.dit.text_context(model.text(seen)).float()
            told = before.dit.text_context(before.text(seen)).float()
        loss, _ = model.reading(context[:BATCH], seen[:BATCH], labels[rows])
        alike = F.mse_loss(context, told) / told.var() if args.start else torch.zeros(())
        (loss + 10 * alike).backward()
        torch.nn.utils.clip_grad_norm_([p for _, p in learned], 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        count += 1
        if count % 50 == 0:
            print({"step": count, "reading": round(loss.item(), 3), "unlike": round(alike.item(), 3), **tested(model, ids[-TESTED:], labels[-TESTED:])}, flush=True)
    save(RUNS / f"{args.name}.pt", model, model.state_dict(), optimisers, step, samples)


@torch.no_grad()
def tested(model: Generator, ids: torch.Tensor, labels: torch.Tensor) -> dict[str, float]:
    """Share of held-out captions read rightly, an attribute."""
    with mixed_precision("cpu"):
        context = model.dit.text_context(model.text(ids))
    return {key: round(share, 3) for key, share in model.reading(context, ids, labels)[1].items()}


if __name__ == "__main__":
    main()
