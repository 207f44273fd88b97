"""Gives a generator that has learned more the few steps that an earlier one of it was distilled to: weights onto + (student - teacher).

python3 training/graft.py --onto rolled --student student --teacher rolled-before --name fewstep
Checkpoints of training/runs; `student` was distilled from `teacher`, and `onto` trained on from it, or from what it came from (task arithmetic,
Ilharco et al. 2023). What distillation changed is small, so that it fits still: distillation goes on from there and need not begin anew.
"""
import argparse

import torch

from make_latents import RUNS
from throughline.checkpoints import with_todays_words
from throughline.vocabulary import tokens
from train_generator import HEADS


def weights_of(state: dict) -> dict[str, torch.Tensor]:
    return with_todays_words(state["average"], state)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--onto", required=True)
    parser.add_argument("--student", required=True)
    parser.add_argument("--teacher", required=True)
    parser.add_argument("--name", default="fewstep")
    args = parser.parse_args()
    out = RUNS / f"{args.name}.pt"
    if out.exists():
        parser.error(f"{out} is there already: move it away first")
    state, student, teacher = (torch.load(RUNS / f"{name}.pt", map_location="cpu") for name in (args.onto, args.student, args.teacher))
    after, before = weights_of(student), weights_of(teacher)
    for kind in ("model", "average"):
        onto = with_todays_words(state[kind], state)
        state[kind] = {k: w if k.startswith(HEADS) else w + after[k] - before[k] for k, w in onto.items()}
    torch.save(state | {"tokens": tokens()}, out)
    print(f"{args.onto} + ({args.student} - {args.teacher}) -> {out}")


if __name__ == "__main__":
    main()
