"""Checks that a batch with memory in the loop computes what sequential inference computes; exits with 1 if it does not.

python3 training/streaming_check.py
A random small model; the history is given, so that both see the same; every velocity, bank and recache must agree.
Also that guidance in one batch equals what it is made of, where a shot begins, that shots go on as they began and
nothing else does, and that histories gone on from again and again become what sequential inference makes.
"""
import dataclasses
import random
import sys

import torch

from make_fixtures import SMALL, random_model
from throughline.excerpts import Entry, Plan, add_story
from throughline.inference import Engine, Segment
from throughline.stages import Passes, begun, carried, guided
from throughline.streaming import MemoryUse, own_history

LARGEST_ERROR = 2e-3  # of the velocity's standard deviation; banks are kept in half precision there

SHOTS = [("A red cat walks in the meadow.", "cut"), ("the cat waves", "continue"), ("A blue robot stands in the city at night", "cut"),
         ("Back in the meadow, the cat jumps", "cut"), ("the robot waves in the city", "cut"), ("the robot jumps", "continue"), ("the cat waves in the meadow", "cut"),
         ("the cat jumps", "continue")]


class Model(torch.nn.Module):
    def __init__(self, config, text, dit):
        super().__init__()
        self.config, self.text, self.dit = config, text, dit


def plan_of(engine: Engine, chunk_shot: list[int]) -> tuple[Plan, dict]:
    """Chunks of SHOTS as the trainer batches them, with the model's own banks and no empty prompts; and the story."""
    story = {"chunk_shot": chunk_shot, "prompts": [engine.tokenizer(p) for p, _ in SHOTS], "continues": [t == "continue" for _, t in SHOTS],
             "fresh": [False] * len(SHOTS), "place_id": [0] * len(chunk_shot), "who_ids": [[0]] * len(chunk_shot)}
    plan, rng = Plan(), random.Random(0)
    rng.choices = lambda options, weights: ["nam"]
    rng.random = lambda: 0.5
    add_story(plan, story, 0, 0, 0, engine.memory, 1, rng, retrieve=True)
    return plan, story


def sequential(engine: Engine, given: torch.Tensor, noise: torch.Tensor, sigma: float) -> tuple[list[torch.Tensor], list[dict]]:
    """The velocity of every chunk at one noise level, after the true history, and what was retrieved."""
    out, records = [], []
    for count in range(len(given)):
        seen: list[torch.Tensor] = []
        segments = [Segment(prompt, transition) for prompt, transition in SHOTS[:count + 1]]
        inner = engine._velocity

        def spy(latents, timestep, *rest):
            result = inner(latents, timestep, *rest)
            if timestep > 0:
                seen.append(result[0])
            return result

        engine._velocity, trace = spy, []
        engine.config["sampler"] |= {"kind": "euler", "steps": [1000 * sigma / (5 - 4 * sigma)]}
        x = (1 - sigma) * given[count] + sigma * noise[count]
        engine.run(segments, given=list(given[:count]), noise=lambda chunk, step: x, trace=trace)
        engine._velocity = inner
        out.append(seen[0])
        records.append(trace[-1])
    return out, records


def guidance_error(passes: Passes, plan: Plan, inputs, level, noisy, use: MemoryUse) -> float:
    """Largest error of guidance 2.5 against v0 + 2.5 (v - v0) of two batches, v0 under the prompt of index 0; every other chunk as if it followed."""
    plan = Plan([dataclasses.replace(e, follows=e.chunk % 2 == 1) for e in plan.entries])
    blank = Plan([dataclasses.replace(e, prompt=0) if e.noisy else e for e in plan.entries])
    with_prompt, without = (passes(p, inputs, level, passes.stream(p, use))[noisy] for p in (plan, blank))
    follows = torch.tensor([e.follows for e in plan.entries])[noisy]
    expected = torch.where(follows[:, None, None, None, None], with_prompt, without + 2.5 * (with_prompt - without))
    return float((guided(passes, plan, inputs, level, noisy, use, 2.5) - expected).abs().max() / expected.std())


def begun_error() -> float:
    """Largest error of what chunks that go on are to show: three that go on with a shot in which somebody walks and turns, one under a moving camera, one alone."""
    shots = [0, 0, 0, 0, 1, 1, 2]
    plan = Plan([Entry(chunk, 0, noisy, 0, [], follows=chunk > 0 and shots[chunk - 1] == shot) for chunk, shot in enumerate(shots) for noisy in (False, True)])
    history, clean = torch.randn(2, len(shots), 3, 16, 4, 12)
    clean[1:4] = clean[0]
    walker, turned = torch.randn(2, 16)
    for chunk, (column, shown) in enumerate(((3, walker), (5, walker), (7, turned), (5, turned))):
        clean[chunk, 2, :, 3, column] = shown
    expected = torch.zeros_like(clean)
    expected[1:4] = history[0] - clean[0]
    expected[1, 2, :, 3, 5] = (history[0] - clean[0])[2, :, 3, 3]  # two cells further
    expected[2, 2, :, 3, 7] = 0  # never seen so
    expected[3, 2, :, 3, 5] = (history[2] - clean[2])[2, :, 3, 7]  # as since it turned
    expected[1:4, 2, :, 3, 3] = (history[1] - clean[1])[2, :, 3, 3]  # what the walker hid at the beginning
    expected[1, 2, :, 3, 3] = 0
    stands = torch.zeros(len(shots), 3, 1, 4, 12, dtype=torch.bool)
    stands[1:4] = True
    stands[1:4, 2, :, 3, 3], stands[(1, 2, 3), 2, :, 3, (5, 7, 5)] = False, False
    added, settled = begun(plan, history, clean)
    return float((added - expected).abs().max()) + float((settled != stands).sum())


def carried_error() -> float:
    """Largest error of where shots go on from: one that repeats itself, one that does not, one too short, and the last chunk of all, which none reads."""
    shots = [0, 0, 0, 0, 1, 1, 1, 2, 2]
    goes_on = [chunk > 0 and shots[chunk - 1] == shot for chunk, shot in enumerate(shots)]
    plan = Plan([Entry(chunk, 0, noisy, 0, [], goes_on=goes_on[chunk]) for chunk in range(len(shots)) for noisy in (False, True) if noisy or chunk < len(shots) - 1])
    own, clean = torch.randn(2, len(shots), 3, 16, 4, 6)
    clean[2:4] = clean[1]
    expected, stays = own.clone(), torch.arange(len(shots)) < 2
    expected[1] = clean[1] + own[3] - clean[3]
    history, stay = carried(plan, own, clean)
    return float((history - expected).abs().max()) + float((stay != stays).sum())


def history_error(engine: Engine, passes: Passes, plan: Plan, given: torch.Tensor, use: MemoryUse) -> float:
    """Largest error of a shot sampled again and again, all chunks at once after the last pass's history, against its chunks one after another.

    `plan` has the first prompt alone, over all chunks of `given`; the first is kept, the last is read by none.
    """
    few, stay = [1.0, 0.8, 0.4, 0.0], torch.zeros(len(given), dtype=torch.bool)
    stay[0], history = True, given
    for _ in range(len(given) - 2):
        torch.manual_seed(7)
        history = own_history(lambda p, x, s: passes(p, x, s, passes.stream(p, use)), plan, given, few, (history, stay))
    torch.manual_seed(7)
    noise = torch.randn_like(given)
    engine.config["sampler"] |= {"kind": "euler", "steps": [1000 * sigma / (5 - 4 * sigma) for sigma in few[:-1]]}
    expected = engine.run([Segment(SHOTS[0][0], "cut", len(given) - 1)], given=[given[0]], noise=lambda chunk, step: noise[chunk]).unflatten(0, (-1, 3))
    return float((history[:-1] - expected).abs().max() / expected.std())


@torch.no_grad()
def main():
    config, tokenizer, modules = random_model(SMALL | {"sampler": {"kind": "euler", "steps": [875]}, "memory": {"windowFrames": 3, "bankFrames": 2, "activatedFrames": 1}})
    engine = Engine(config=config, modules=modules, tokenizer=tokenizer)
    generator = torch.Generator().manual_seed(5)
    given, noise = (torch.randn(len(SHOTS), 3, 16, 4, 6, generator=generator) for _ in range(2))
    sigma = 5 * 0.875 / (1 + 4 * 0.875)
    model, worst = Model(config, modules[0], modules[1]), 0.0
    for policy, activated in (("nam", None), ("nam+sma", 1)):
        engine.memory["policy"] = policy
        expected, _ = sequential(engine, given, noise, sigma)
        plan, story = plan_of(engine, list(range(len(SHOTS))))
        noisy = torch.tensor([e.noisy for e in plan.entries])
        chunk = torch.tensor([e.chunk for e in plan.entries])
        level = sigma * noisy.float()
        inputs = torch.where(noisy[:, None, None, None, None], (1 - sigma) * given[chunk] + sigma * noise[chunk], given[chunk])
        use = MemoryUse(config["memory"]["bankFrames"], activated, config["memory"]["positions"]["bank"])
        passes = Passes(model, torch.tensor(story["prompts"]))
        made = passes(plan, inputs, level, passes.stream(plan, use))[noisy]
        errors = [float((a - b).abs().max() / b.std()) for a, b in zip(made, expected)]
        print(policy, " ".join(f"{e:.1e}" for e in errors))
        again = history_error(engine, passes, plan_of(engine, [0] * 5)[0], given[:5], use)
        print(policy, "again and again", f"{again:.1e}")
        worst = max(worst, again, *errors)
    error = guidance_error(passes, plan, inputs, level, noisy, use)
    print("guidance", f"{error:.1e}")
    added = begun_error()
    print("what shots began with", f"{added:.1e}")
    going = carried_error()
    print("shots that go on", f"{going:.1e}")
    sys.exit(max(worst, error, added, going) > LARGEST_ERROR)


if __name__ == "__main__":
    main()
