"""Stages 2b to 2d: text encoder and transformer, over whole stories.

python3 training/train_generator.py --minutes 75
python3 training/train_generator.py --stage rollout --start generator --name rolled --minutes 60 --muon-lr 0.004 --adam-lr 4e-4
python3 training/train_generator.py --stage distil --start rolled --name fewstep --minutes 60 --muon-lr 0.004 --adam-lr 4e-4
`teacher` forces true histories; `rollout` takes the model's own, with retrieval and sparse activation in the loop;
`distil` learns to go in few steps where the model before it goes in many, with retrieval, activation and its own
history in the loop as well. Reads training/runs/latents/*.pt, and
training/runs/clips/*.pt with --clips (new shards are picked up while it runs). Resumes from training/runs/<name>.pt,
else starts from <start>.pt. The learning rate follows the time budget.
"""
import argparse
import json
import random
import time
from pathlib import Path

import torch

from throughline.vocabulary import plain_words, tokenizer_json, tokens
from throughline.checkpoints import with_todays_words
from throughline.config import FEW_STEPS, NominalSteps, animatic, sigma_of
from throughline.dit import CHUNK, CausalDiT
from throughline.excerpts import Plan, add_story, likenesses, retrieval_loss
from throughline.labels import CLASSES, SHARD_FORMAT, LabelHead, counted, per_character, telling
from throughline.optim import make_optimisers, set_rate
from throughline.precision import mixed_precision
from throughline.ranks import agreed, join, mean_gradients, spread, summed
from throughline.reading import ReadingHead, captions_of
from throughline.stages import STAGES, Passes, distilled, onward_inputs, rollout_curriculum, rollout_inputs
from throughline.streaming import drawn_use
from throughline.text import END, PAD, TextEncoder, Tokenizer, reading_rate, share_meanings
from throughline.world import CURRICULA

RUNS = Path(__file__).parent / "runs"
CHARACTER_GAIN = 4  # how much more a token inside a character's box weighs in the flow loss, in small ones and in the upper half more yet (labels.counted, labels.telling)
HEADS = ("labels.", "reading.")  # prefixes of what only training uses
CHARACTERS = 2  # the most that a shot shows
FIRST_CAPTION, STORIES_READ = 5_000_000, 5_000  # seeds of the stories whose captions are read; a resumed run reads others
LONGEST_STEP_SEC = 30  # a process that was paused does not count the pause against its time budget


class Shards:
    """Stories from latent shards; looks for new ones now and then."""

    def __init__(self, folder: Path, rng: random.Random):
        self.folder, self.rng, self.seen, self.stories, self.deck = folder, rng, set(), [], []
        self.refresh()

    def refresh(self):
        for path in sorted(self.folder.glob("*.pt")):
            if path.name not in self.seen:
                self.seen.add(path.name)
                stories = torch.load(path)
                if stories[0]["format"] != SHARD_FORMAT:
                    raise SystemExit(f"{path} is of format {stories[0]['format']}, not {SHARD_FORMAT}: delete it and make it again with training/make_latents.py")
                self.stories += stories

    def draw(self, count: int) -> list[dict]:
        out = []
        for _ in range(count):
            if not self.deck:
                self.refresh()
                if not self.stories:
                    raise SystemExit(f"{self.folder} holds no stories: make some with training/make_latents.py")
                self.deck = self.rng.sample(self.stories, len(self.stories))
            out.append(self.deck.pop())
        return out


class Batches(torch.utils.data.IterableDataset):
    """Endless batches, as (worker, visits that its stories had before, batch); a worker of a DataLoader draws its own."""

    def __init__(self, args, config: dict, seed: int):
        self.args, self.config, self.seed = args, config, seed

    def __iter__(self):
        worker = torch.utils.data.get_worker_info()
        rng = random.Random(self.seed + 1_000_003 * worker.id if worker else self.seed)
        data, clips, args = Shards(RUNS / "latents", rng), Shards(RUNS / "clips", rng), self.args
        me = worker.id if worker else 0
        while True:
            stories = data.draw(args.batch)
            for visit in range(args.visits):
                yield me, visit, *batch_of(stories, clips.draw(args.clips), self.config, args.copies, rng, args.context_noise, retrieve=args.stage != "teacher")


class Generator(torch.nn.Module):
    """The two trained networks under one roof, with the heads that only training uses."""

    def __init__(self, config: dict):
        super().__init__()
        self.config = config
        self.text, self.dit = TextEncoder(config["text"]), CausalDiT(config)
        self.labels, self.reading = LabelHead(config["dit"]["dim"]), ReadingHead(config["dit"]["dim"])

    def is_matrix(self, name: str, p: torch.Tensor) -> bool:
        """Which parameters Muon trains: hidden matrices, neither embeddings nor input or output layers."""
        return p.ndim == 2 and not any(part in name for part in ("embedding.weight", "head.head", "time_embedding.0", *HEADS))

    def rate(self, name: str) -> float:
        """How a parameter's learning rate differs from that of its optimiser."""
        return reading_rate(name) if name.startswith("text.") else 1.0


def noise_levels(count: int, shift: float) -> torch.Tensor:
    """Stratified sigmas of the inference schedule: s spread over 0.06..1, then shifted; one in twelve is pure noise."""
    s = 0.06 + 0.94 * (torch.randperm(count) + torch.rand(count)) / count
    s = torch.where(torch.rand(count) < 1 / 12, torch.ones(count), s)
    return shift * s / (1 + (shift - 1) * s)


def batch_of(stories: list[dict], clips: list[dict], config: dict, copies: int, rng: random.Random, context_noise: float, retrieve: bool = False):
    """Plan and tensors of one batch: token ids, per-entry inputs, and per noisy entry its target and truth.

    Every chunk of `stories` is a target `copies` times, every one of `clips` once.
    """
    plan, prompts, latents, inside, labels, chunks = Plan(), [[END] + [PAD] * (config["text"]["textLength"] - 1)], [], [], [], 0
    for story, times in [(s, copies) for s in stories] + [(c, 1) for c in clips]:
        count = len(story["chunk_shot"])
        add_story(plan, story, chunks, len(prompts), 0, config["memory"], times, rng, retrieve)
        prompts += story["prompts"]
        latents.append(story["latents"].float().unflatten(0, (count, CHUNK)))
        named, shares = per_character(story, CHARACTERS)
        inside.append(shares.unflatten(0, (count, CHUNK)))
        labels.append(named)
        chunks += count
    clean, share = torch.cat(latents), torch.cat(inside)  # [chunks, 3, 16, h, w], [chunks, 3, characters, tokens]
    # Every clean pass of a chunk sees the same slightly wrong history, as it would at inference.
    level = torch.rand(len(clean), 1, 1, 1, 1) * context_noise
    history = clean + level * torch.randn_like(clean)
    chunk = torch.tensor([e.chunk for e in plan.entries])
    noisy = torch.tensor([e.noisy for e in plan.entries])
    sigma = torch.zeros(len(chunk))
    sigma[noisy] = noise_levels(int(noisy.sum()), config["sampler"]["shift"])
    noise = torch.randn_like(clean[chunk])
    s = sigma[:, None, None, None, None]
    inputs = torch.where(noisy[:, None, None, None, None], (1 - s) * clean[chunk] + s * noise, history[chunk])
    wanted = chunk[noisy]
    return plan, torch.tensor(prompts), inputs, sigma, noise[noisy] - clean[wanted], share[wanted], torch.cat(labels)[wanted], noisy


def kinds_of(labels, insides) -> tuple[list[int], list[set[int]]]:
    """(kind of place, species) of every noisy pass, as class numbers; labels [E, K, classes], insides [E, 3, K, tokens]."""
    place, species = list(CLASSES).index("place"), list(CLASSES).index("species")
    shown = insides.amax((1, 3)) > 0
    return labels[:, 0, place].tolist(), [set(row[there].tolist()) for row, there in zip(labels[:, :, species], shown)]


def flow_loss(velocity, target, weight):
    """Weighted mean square over tokens; velocity and target [E, 3, 16, h, w], weight [E, 3, tokens]."""
    error = (velocity - target).square().unflatten(-1, (-1, 2)).unflatten(-3, (-1, 2)).mean((2, 4, 6)).flatten(2)  # [E, 3, tokens]
    return (error * weight).mean() / weight.mean(), error.detach()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=75)
    parser.add_argument("--batch", type=int, default=2, help="stories a step")
    parser.add_argument("--clips", type=int, default=0, help="first chunks a step, of training/runs/clips")
    parser.add_argument("--processes", type=int, default=1, help="that share a step, each with a batch of its own; on a CPU two of one thread can be faster than one of two")
    parser.add_argument("--workers", type=int, default=0, help="processes that put batches together; a GPU wants some")
    parser.add_argument("--copies", type=int, default=2, help="noisy copies of every chunk")
    parser.add_argument("--context-noise", type=float, default=0.15)
    parser.add_argument("--muon-lr", type=float, default=0.02)
    parser.add_argument("--adam-lr", type=float, default=2e-3)
    parser.add_argument("--hold", type=float, default=0.4, help="share of the time at full learning rate")
    parser.add_argument("--label-gain", type=float, default=0.1, help="weight of the label loss (throughline/labels.py)")
    parser.add_argument("--reading-gain", type=float, default=0.2, help="weight of the reading loss (throughline/reading.py)")
    parser.add_argument("--captions", type=int, default=256, help="captions read a step, without pictures")
    parser.add_argument("--world", choices=[name for name, cur in CURRICULA.items() if cur.painted], default="full", help="whose captions are read")
    parser.add_argument("--label-layer", type=int, default=2, help="layer whose output the label head reads")
    parser.add_argument("--retrieval-gain", type=float, default=0.1, help="weight of the retrieval loss (throughline/excerpts.py)")
    parser.add_argument("--device", help="default: cuda where there is one, else cpu")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--stage", choices=STAGES, default="teacher")
    parser.add_argument("--start", help="checkpoint to start from where <name>.pt is not there; distil learns from it")
    parser.add_argument("--share-meanings", action="store_true", help="with --start: synonyms begin with the embedding of their plain word")
    parser.add_argument("--rounds", type=int, default=4, help="rollout without --history: the most rounds in which a history is made")
    parser.add_argument("--history", help="rollout: checkpoint of a distilled model that makes the histories in its few --steps; default: the trained one, in --rounds")
    parser.add_argument("--visits", type=int, default=1, help="steps in a row over the same stories, their histories going on: shots of a few chunks become long ones")
    parser.add_argument("--steps", nargs="+", type=int, action=NominalSteps, default=FEW_STEPS, help="nominal steps of the student, of 1000")
    parser.add_argument("--substeps", type=int, default=4, help="distil: steps of the teacher for one of the student's")
    parser.add_argument("--own", type=float, default=0.5, help="distil: share of steps whose history the student made itself")
    parser.add_argument("--guidance", type=float, default=2.0, help="distil: classifier-free guidance of the teacher where a scene begins, 1 for none")
    parser.add_argument("--name", default="generator")
    args = parser.parse_args()
    if args.stage == "distil" and not args.start:
        parser.error("--stage distil needs --start: the checkpoint it learns from")
    if args.visits < 1:
        parser.error(f"--visits counts steps over the same stories, 1 or more; given {args.visits}")
    if args.processes < 1:
        parser.error(f"--processes counts those that train, 1 or more; given {args.processes}")
    if spread(args.processes):
        return
    device, rank = torch.device(args.device or ("cuda" if torch.cuda.is_available() else "cpu")), join()
    torch.manual_seed(args.seed)
    config, path = animatic(), RUNS / f"{args.name}.pt"
    model = Generator(config).to(device)
    optimisers = make_optimisers(model.named_parameters(), model.is_matrix, args.muon_lr, args.adam_lr, model.rate)
    average = {k: v.clone() for k, v in model.state_dict().items()}
    step, samples, warmup = 0, 0, 50
    if path.exists():
        state = load(path, model, average, device)
        step, samples = state["step"], state["samples"]
        warmup = 10 if restore(optimisers, state) else warmup
    elif args.start:
        load(RUNS / f"{args.start}.pt", model, average, device)
        if args.share_meanings:
            share_meanings(average["text.token_embedding.weight"], tokens(), plain_words())
        model.load_state_dict(average)
    teacher = frozen(args.start, config, device) if args.stage == "distil" else None
    maker = frozen(args.history, config, device) if args.history else None
    few = [sigma_of(1000 - n, config["sampler"]["shift"]) for n in args.steps] + [0.0]
    made: dict[int, torch.Tensor] = {}  # the histories that a worker's stories have come to
    # A resumed run draws other stories and other noise than the run before it did, and every process its own.
    seed = args.seed + step + 15_485_863 * rank
    torch.manual_seed(seed)
    rng = random.Random(seed)
    batches = iter(torch.utils.data.DataLoader(Batches(args, config, seed), batch_size=None, num_workers=args.workers))
    tokenizer = Tokenizer.of(tokenizer_json(), config["text"])
    captions, sayings = captions_of(CURRICULA[args.world], tokenizer, FIRST_CAPTION + 7919 * step, STORIES_READ)
    spent, last, first_step, log = 0.0, time.time(), step, None if rank else (RUNS / f"{args.name}.jsonl").open("a")
    means: dict[str, float] = {}
    while (progress := agreed(spent / (60 * args.minutes))) < 1:
        set_rate(optimisers, progress, step - first_step, warmup=warmup, hold=args.hold)
        worker, visit, plan, *tensors = next(batches)
        ids, inputs, sigma, target, inside, labels, noisy = (x.to(device) for x in tensors)
        with mixed_precision(device.type):
            passes = Passes(model, ids)
            use = drawn_use(config["memory"], rng)
            if not visit:
                made.pop(worker, None)
            before = made.get(worker)
            if args.stage == "rollout":
                sigmas = few if maker else rollout_curriculum(progress, args.rounds, rng)
                inputs, target, made[worker] = rollout_inputs(Passes(maker, ids) if maker else passes, plan, inputs, sigma, target, noisy, use, sigmas, before)
            elif teacher:
                way = None
                if len(args.steps) > 1 and rng.random() < args.own:
                    inputs, target, made[worker], way = onward_inputs(passes, plan, inputs, sigma, target, noisy, use, few, before)
                inputs, sigma, target = distilled(Passes(teacher, ids), plan, inputs, sigma, target, noisy, use, args.steps, args.substeps, config["sampler"]["shift"], args.guidance, way)
            attend = passes.gather(plan) if args.stage == "teacher" else passes.stream(plan, use)
            hidden: list[torch.Tensor] = []
            velocity = passes(plan, inputs, sigma, attend, tap=lambda layer, x: hidden.append(x) if layer == args.label_layer else None)
        shown = inside.amax(2)
        flow, error = flow_loss(velocity[noisy].float(), target, 1 + CHARACTER_GAIN * shown * counted(shown) * telling(shown, model.dit.columns))
        naming, named = model.labels(hidden[0][noisy], labels, inside)
        rows = torch.randint(len(captions), (args.captions,))
        unseen, told = captions[rows].to(device), sayings[rows].to(device)
        with mixed_precision(device.type):
            context = model.dit.text_context(model.text(unseen))
        reading, read = model.reading(context, unseen, told)
        near, hits = retrieval_loss(plan.retrievals, attend.keys, passes.text_keys, passes.lengths)
        alike, likely = retrieval_loss(likenesses(plan, sigma, noisy, *kinds_of(labels, inside)), attend.keys, passes.text_keys, passes.lengths)
        (flow + args.label_gain * naming + args.reading_gain * reading + args.retrieval_gain * sum(loss for loss in (near, alike) if loss is not None)).backward()
        mean_gradients(list(model.parameters()))
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)
        step, samples = step + 1, samples + summed(int(noisy.sum()))
        spent, last = spent + min(time.time() - last, LONGEST_STEP_SEC), time.time()
        decay = min(0.995, (step + 1) / (step + 10))
        current = model.state_dict()
        torch._foreach_lerp_([average[k] for k in current], [current[k] for k in current], 1 - decay)
        if rank:
            continue
        row = {"flow": flow.item(), "flow_high": error[sigma[noisy] > 0.9].mean().item(), "flow_low": error[sigma[noisy] < 0.8].mean().item()}
        row |= {"naming": naming.item()} | {f"named_{key}": share.item() for key, share in zip(CLASSES, named)}
        pairs = inside.amax((1, 3))[:, 1] > 0
        if pairs.any():
            with torch.no_grad():
                _, paired = model.labels(hidden[0][noisy][pairs], labels[pairs], inside[pairs])
            row |= {f"pair_{key}": share.item() for key, share in zip(CLASSES, paired)}
        row |= {"reading": reading.item()} | {f"read_{key}": share for key, share in read.items()}
        if near is not None:
            row |= {"retrieval": near.item(), "hit": hits.mean().item()}
        if alike is not None:
            row |= {"likeness": alike.item(), "likely": likely.mean().item()}
        for key, value in row.items():
            if value == value:
                means[key] = means.get(key, value) * 0.97 + 0.03 * value
        if step % 25 == 0:
            line = {"step": step, "samples": samples, "minutes": round(spent / 60, 2), **{k: round(v, 4) for k, v in means.items()}}
            print(line, flush=True)
            log.write(json.dumps(line) + "\n")
            log.flush()
        if step % 50 == 0:
            save(path, model, average, optimisers, step, samples)
    if not rank:
        save(path, model, average, optimisers, step, samples)


def frozen(name: str, config: dict, device) -> Generator:
    """The averaged weights of training/runs/<name>.pt, not to be trained."""
    model, average = Generator(config).to(device).requires_grad_(False).eval(), {}
    load(RUNS / f"{name}.pt", model, average, device)
    model.load_state_dict(average)
    return model


def load(path: Path, model, average: dict, device) -> dict:
    """Loads a checkpoint's weights into `model` and their average into `average`; returns the checkpoint."""
    state = torch.load(path, map_location=device)
    fresh = {k: v for k, v in model.state_dict().items() if k.startswith(HEADS)}

    def fitted(weights: dict) -> dict:
        """With today's words; heads of other classes, or none, begin anew."""
        weights = fresh | with_todays_words(weights, state)
        return weights | {k: v for k, v in fresh.items() if weights[k].shape != v.shape}

    model.load_state_dict(fitted(state["model"]))
    average |= {k: v.clone() for k, v in fitted(state["average"]).items()}
    return state


def restore(optimisers, state: dict) -> bool:
    """Optimiser state of a checkpoint; false where it has none, as a new or a grown one (start.py, grow.py)."""
    for optimiser, saved in zip(optimisers, state.get("optimisers", [])):
        rates = [g["base_lr"] for g in optimiser.param_groups]
        optimiser.load_state_dict(saved)
        for group, rate in zip(optimiser.param_groups, rates):
            group["base_lr"] = rate
            for p in group["params"]:
                # A word table that has grown since starts its averages anew.
                if any(value.ndim and value.shape != p.shape for value in optimiser.state.get(p, {}).values()):
                    del optimiser.state[p]
    return "optimisers" in state


def save(path: Path, model, average, optimisers, step: int, samples: int):
    state = {"model": model.state_dict(), "average": average, "optimisers": [o.state_dict() for o in optimisers], "step": step, "samples": samples, "tokens": tokens()}
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").rename(path)


if __name__ == "__main__":
    main()
