"""Stage 2a'': the text encoder learns what everyday wordings mean, from the plain ones that it knows; the transformer stays as it is.

python3 training/train_words.py --minutes 20 --start student --name worded
python3 training/train_words.py --minutes 10 --start student --name worded --through      # then what the pictures of both begin as
python3 training/export.py --name worded --worlds full spoken --unlisted prop --sampler euler --steps 1000 750 450 150

Every prompt of the second world comes with the plainest wording of the same (throughline/speech.py), in words that the model was
trained on. What the transformer's cross-attention answers to its questions under the everyday prompt is to be what the encoder
as it was answers under the plain one; its questions are collected once, from films that it makes of plain prompts. And what the encoder
says of the first world's captions stays as it was. `--through`: what the whole transformer makes of noise under the everyday prompt is to be what it makes
under the plain one, which is what a viewer sees: how many there are is decided in the first step. No picture is needed, and nothing is learned but the text encoder, so all
that the transformer can draw, and remember, it draws and remembers as before. Resumes from training/runs/<name>.pt.
"""
import argparse
import json
import random
import time

import torch
import torch.nn.functional as F

from throughline.config import FEW_STEPS, animatic, sigma_of
from throughline.dit import CHUNK, softmax_attention
from throughline.optim import make_optimisers, set_rate
from throughline.precision import mixed_precision
from throughline.staging import CLIP_PLANS
from throughline.story import SPOKEN
from throughline.text import END, PAD, Tokenizer
from throughline.vocabulary import tokenizer_json
from throughline.world import CURRICULA, make_story
from train_generator import RUNS, Generator, load, save

FIRST_TALE, FIRST_OLD, HELD_OUT = 6_000_000, 6_500_000, 6_900_000  # seeds
MADE, ASKED = 16, 32  # films made together; questions kept of each, of all its tokens at one noise level
AND = " and "  # what a plain prompt with two characters has, and no other
KEEP_SEC = 120  # what was learned is kept so often
JOINED = 0.6  # --through: share of prompts with two characters that another word than "and" joins, which are read last
ALONE = 0.5  # of the shots with one character that are used; those with two are rarer and harder
OLD, EMPTY, TESTED = 24, 2, 64  # captions of the first world a step, and empty prompts, that must say what they said; prompts held out


class Sayings:
    """Endless (everyday, plain) prompts: half of them say all there is, half come later in a story."""

    def __init__(self, seed: int):
        self.rng, self.seed, self.kept = random.Random(seed), seed, []

    def __call__(self, count: int) -> list[tuple[str, str]]:
        while len(self.kept) < 6 * count:
            self.seed += 1
            plan = CLIP_PLANS[self.seed % 3 != 0] if self.seed % 2 else None
            story = make_story(self.seed, SPOKEN, 8 if plan is None else len(plan.split()), plan)
            self.kept += [(shot.prompt, shot.plain) for shot in story.shots if len(shot.figures) > 1 or self.rng.random() < ALONE]
        self.rng.shuffle(self.kept)
        out, self.kept = self.kept[:count], self.kept[count:]
        return out


    def joined(self, count: int) -> list[tuple[str, str]]:
        """The same, and JOINED of them tell of two characters that another word than "and" joins."""
        hard: list[tuple[str, str]] = []
        easy: list[tuple[str, str]] = []
        while len(hard) < JOINED * count or len(easy) < count:
            for said, plain in self(count):
                (hard if AND in plain and AND not in said.lower() else easy).append((said, plain))
        hard = hard[:round(JOINED * count)]
        return hard + easy[:count - len(hard)]


class Questions:
    """What cross-attention asks, collected while a model makes first chunks of plain prompts in its few steps."""

    def __init__(self, model: Generator, config: dict, tokenizer):
        self.model, self.tokenizer, self.shift = model, tokenizer, config["sampler"]["shift"]
        latent, video = config["latent"], config["video"]
        self.shape = CHUNK, latent["channels"], video["height"] // latent["spatialStride"], video["width"] // latent["spatialStride"]
        self.times = (config["memory"]["positions"]["current"] + torch.arange(CHUNK))[None]
        self.items: list[tuple[torch.Tensor, str]] = []  # questions [layers, ASKED, heads, d], and the plain prompt

    def alone(self, dit, count: int):
        """Attention of first chunks, to themselves."""
        times = self.times.expand(count, -1)
        return lambda layer, q, k, v: softmax_attention(dit.rope(q, times).flatten(1, 2), dit.rope(k, times).flatten(1, 2), v.flatten(1, 2))

    def drawn(self, model: Generator, ids, x, sigma: float):
        """What a model makes of first chunks x [B, 3, 16, h, w] at a noise level, under prompts."""
        count = len(x)
        context = model.dit.text_context(model.text(ids))
        v = model.dit(x, torch.full((count, CHUNK), 1000 * sigma), context, torch.arange(count), self.alone(model.dit, count))
        return x - sigma * v.float()

    def unlike_drawn(self, student: Generator, said, plain, step: int) -> torch.Tensor:
        """How far what the student makes under `said`, in one of the first steps, is from what the model makes under `plain`, as a share of what that varies by."""
        x = torch.randn(len(said), *self.shape)
        with torch.no_grad():
            for now in range(step + 1):
                sigma = sigma_of(1000 - FEW_STEPS[now], self.shift)
                wanted = self.drawn(self.model, plain, x, sigma)
                if now < step:
                    then = sigma_of(1000 - FEW_STEPS[now + 1], self.shift)
                    x = x + (then - sigma) * (x - wanted) / sigma
        return F.mse_loss(self.drawn(student, said, x, sigma), wanted) / (wanted - wanted.mean(0)).var()

    @torch.no_grad()
    def collect(self, plain: list[str]):
        dit, count = self.model.dit, len(plain)
        asked: list[torch.Tensor] = []

        attend = self.alone(dit, count)
        sigmas = [sigma_of(1000 - n, self.shift) for n in FEW_STEPS] + [0.0]
        x = torch.randn(count, *self.shape)
        with mixed_precision("cpu"):
            context = dit.text_context(self.model.text(torch.tensor([self.tokenizer(p) for p in plain])))
            kept = random.randrange(len(FEW_STEPS))
            for step, (now, then) in enumerate(zip(sigmas, sigmas[1:])):
                asks = (lambda layer, q: asked.append(q.bfloat16())) if step == kept else None
                x = x + (then - now) * dit(x, torch.full((count, CHUNK), 1000 * now), context, torch.arange(count), attend, asks=asks).float()
                if step == kept:
                    break
        chosen = torch.randperm(asked[0].shape[1])[:ASKED]
        self.items += [(torch.stack([q[i, chosen] for q in asked]), prompt) for i, prompt in enumerate(plain)]

    def fitting(self, plain: list[str]) -> torch.Tensor:
        """Questions for prompts, each from a film with as many characters as it has: [B, layers, ASKED, heads, d]."""
        of = [[q for q, prompt in self.items if (AND in prompt) == two] for two in (False, True)]
        return torch.stack([random.choice(of[AND in prompt] or of[AND not in prompt]) for prompt in plain])


def contexts(model: Generator, ids) -> torch.Tensor:
    """What cross-attention sees of prompts [B, L]: [B, L, dim]. The encoder reads no further than the longest of them."""
    longest = int((ids != PAD).sum(1).max())
    return model.dit.text_context(F.pad(model.text(ids[:, :longest]), (0, 0, 0, ids.shape[1] - longest)))


def answers(model: Generator, ids, questions, layers: list[int]) -> tuple[list[torch.Tensor], torch.Tensor]:
    """What cross-attention in these layers answers: questions [B, layers of the model, n, heads, d] under prompts [B, L] -> per layer [B, n, dim].

    And the mean of a prompt's keys, a layer, by which memory is searched: [layers, B, heads, d].
    """
    context, out = contexts(model, ids), []
    for layer in layers:
        a, keys = model.dit.blocks[layer].cross_attn, model.dit.text_keys(layer, context)
        values = a.v(context).unflatten(-1, (model.dit.heads, -1))
        out.append(a.o(softmax_attention(questions[:, layer].to(values.dtype), keys, values)))
    return out, mean_keys(model, context, ids, layers)


def mean_keys(model: Generator, context, ids, layers: list[int]) -> torch.Tensor:
    """The mean of a prompt's keys, a layer: [layers, B, heads, d]."""
    real = (ids != PAD)[:, :, None, None]
    return torch.stack([(model.dit.text_keys(layer, context).float() * real).sum(1) / real.sum(1) for layer in layers])


def unlike(student: Generator, before: Generator, said, plain, questions, layers: list[int]):
    """How far the student's answers in these layers are from the plain prompt's, as a share of what answers vary by; of its keys likewise."""
    with torch.no_grad():
        wanted, wanted_keys = answers(before, plain, questions, layers)
    given, keys = answers(student, said, questions, layers)
    apart = [F.mse_loss(a.float(), b.float()) / b.float().var() for a, b in zip(given, wanted)]
    return torch.stack(apart).mean(), F.mse_loss(keys, wanted_keys) / wanted_keys.var()


def unlike_keys(student: Generator, before: Generator, said, plain, layers: list[int]) -> torch.Tensor:
    """The second of `unlike` alone."""
    with torch.no_grad():
        wanted = mean_keys(before, contexts(before, plain), plain, layers)
    return F.mse_loss(mean_keys(student, contexts(student, said), said, layers), wanted) / wanted.var()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=20, help="of a processor's time, all threads together")
    parser.add_argument("--start", default="student", help="the model whose text encoder is taught, and whose transformer asks")
    parser.add_argument("--name", default="worded")
    parser.add_argument("--films", type=int, default=320, help="how many films questions are collected from")
    parser.add_argument("--batch", type=int, help="default 48; 12 with --through")
    parser.add_argument("--through", action="store_true", help="what the transformer makes is compared, not what its cross-attention answers")
    parser.add_argument("--layers", type=int, default=3, help="how many layers, drawn anew, are asked a step")
    parser.add_argument("--finding", type=float, default=3, help="how much faster than text.reading_rate words learn to find each other")
    parser.add_argument("--muon-lr", type=float, default=0.006)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--hold", type=float, default=0.4)
    args = parser.parse_args()
    batch = args.batch or (12 if args.through else 48)
    config, path = animatic(), RUNS / f"{args.name}.pt"
    tokenizer = Tokenizer.of(tokenizer_json(), config["text"])
    student, before, average = Generator(config), Generator(config).requires_grad_(False).eval(), {}
    start = load(RUNS / f"{args.start}.pt", before, average, "cpu")
    before.load_state_dict(average)
    student.load_state_dict(average)
    step = 0
    if path.exists():
        step = load(path, student, average, "cpu")["words"]
    student.requires_grad_(False)
    student.text.requires_grad_(True)
    torch.manual_seed(step)
    random.seed(step)
    learned = [(f"text.{name}", p) for name, p in student.text.named_parameters()]
    def rate(name: str) -> float:
        return student.rate(name) * (args.finding if ".attn.q." in name or ".attn.k." in name else 1)

    optimisers = make_optimisers(learned, student.is_matrix, args.muon_lr, args.adam_lr, rate)
    sayings, ids = Sayings(FIRST_TALE + 7919 * step), lambda prompts: torch.tensor([tokenizer(p) for p in prompts])
    old = [shot.prompt for i in range(200) for shot in make_story(FIRST_OLD + 7919 * step + i, CURRICULA["full"], 6).shots]
    held_out, old_held_out = Sayings(HELD_OUT)(TESTED), old[:TESTED]
    joined_held_out = [pair for pair in Sayings(HELD_OUT + 50_000)(16 * TESTED) if AND in pair[1] and AND not in pair[0].lower()][:TESTED // 2]
    questions = Questions(before, config, tokenizer)
    every = [*range(config["dit"]["layers"])]
    nothing = torch.tensor([[END] + [PAD] * (config["text"]["textLength"] - 1)]).expand(EMPTY, -1)
    for at in range(0, 2 * MADE, MADE):
        questions.collect([plain for _, plain in held_out[at:at + MADE]])
    test_questions, questions.items = questions.fitting([plain for _, plain in held_out]), []

    @torch.no_grad()
    def tested() -> dict[str, float]:
        said, plain = ids([s for s, _ in held_out]), ids([p for _, p in held_out])
        with mixed_precision("cpu"):
            apart, keys = unlike(student, before, said, plain, test_questions, every)
            was, now = (contexts(m, ids(old_held_out)).float() for m in (before, student))
            seed = torch.random.get_rng_state()
            torch.manual_seed(0)
            joined = questions.unlike_drawn(student, *(ids(prompts) for prompts in zip(*joined_held_out)), 0)
            torch.random.set_rng_state(seed)
        return {"joined": round(joined.item(), 4), "unlike": round(apart.item(), 4), "keys": round(keys.item(), 4), "old": round((F.mse_loss(now, was) / was.var()).item(), 4)}

    print(tested(), flush=True)
    def keep():
        save(path, student, student.state_dict(), optimisers, start["step"], start["samples"])
        torch.save(torch.load(path) | {"words": step}, path)

    began, kept_at, first_step, log, mean = time.process_time(), time.time(), step, (RUNS / f"{args.name}.jsonl").open("a"), 0.0
    while (progress := (time.process_time() - began) / (60 * args.minutes)) < 1:
        if not args.through and len(questions.items) < args.films and (len(questions.items) < 4 * MADE or step % 4 == 0):
            questions.collect([plain for _, plain in sayings(MADE)])
        set_rate(optimisers, progress, step - first_step, warmup=20, hold=args.hold)
        pairs = sayings.joined(batch) if args.through else sayings(batch)
        said, plain = (ids(prompts) for prompts in zip(*pairs))
        kept = torch.cat([ids(random.sample(old[TESTED:], OLD)), nothing])
        with mixed_precision("cpu", cache=False):
            if args.through:
                apart, keys = questions.unlike_drawn(student, said, plain, int(random.random() < 0.3)), unlike_keys(student, before, said, plain, random.sample(every, args.layers))
            else:
                apart, keys = unlike(student, before, said, plain, questions.fitting([p for _, p in pairs]), random.sample(every, args.layers))
            with torch.no_grad():
                was = contexts(before, kept).float()
            now = contexts(student, kept).float()
        same = F.mse_loss(now, was) / was.var()
        loss = apart + 0.3 * keys + 3 * same
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.text.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        step += 1
        mean += (loss.item() - mean) * max(0.03, 1 / (step - first_step))
        if (step - first_step) % 20 == 0:
            row = {"words": step, "minutes": round((time.process_time() - began) / 60, 2), "loss": round(mean, 4)}
            if (step - first_step) % 100 == 0:
                row |= tested()
            if time.time() > kept_at + KEEP_SEC:
                keep()
                kept_at = time.time()
            print(row, flush=True)
            log.write(json.dumps(row) + "\n")
            log.flush()
    print(tested())
    keep()


if __name__ == "__main__":
    main()
