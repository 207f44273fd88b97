"""Measures a model through the app's own engine, on held-out stories; prints and writes a Markdown table and a sheet.

python3 training/evaluate.py --size quick                              # a first look
python3 training/evaluate.py --size short --parts prompts pairs returns   # enough to see that nothing fell far: ten minutes of one core
python3 training/evaluate.py --size medium                             # less than half of the next
python3 training/evaluate.py --parts memories --out docs/training/memories.md   # every memory that the model offers; only where it is asked for
python3 training/evaluate.py --out docs/training/evaluation.md         # about half an hour, and once the probe's quarter of one
What is measured, and on what, is said in training/README.md. Results are kept in training/runs/evaluation
and a run that was cut short goes on where it was. Needs Node and `npm ci`, and the autoencoder's checkpoint.
"""
import argparse
import functools
import hashlib
import json
import multiprocessing
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from make_latents import RUNS, load_encoder
from start import AUTOENCODERS, belongs_to
from throughline import exams, safetensors_io
from throughline.autoencoder import Autoencoder, group_frames
from throughline.dit import CausalDiT
from throughline.measures import as_floats, change, chunks_of, interval, psnr, ssim
from throughline.precision import mixed_precision
from throughline.probe import OF_A_CHARACTER, load_probe, look, of_chunk, probe_of, side_of
from throughline.remembering import remembering
from throughline.returns import FirstVisit, drift_of
from throughline.shipped import Batch, digest_of, line_of
from throughline.sitting import save_exam_sheet, save_story_sheet, sitting
from throughline.text import TextEncoder
from throughline.world import CURRICULA, draw_story, make_story

WALKED = 1, 2, 4, 8  # chunks of a shot through which someone walks that are looked at
USUAL = ("exam", "autoencoder", "prompts", "pairs", "returns", "retrieval", "drift", "onward")
PARTS = (*USUAL, "memories")
HALVES = ("returns", "memories"), ("exam", "autoencoder", "prompts", "pairs", "retrieval", "drift", "onward")  # which take about as long to make
POLICIES = [("window", 3), ("sink", 3), ("nam", 3), ("nam", 6), ("nam", 9), ("nam+sma", 3), ("nam+sma", 6), ("nam+sma", 9)]
POLICY_NAMES = {"window": "no memory", "sink": "sink", "nam": "NAM", "nam+sma": "NAM + SMA"}


@dataclass(frozen=True)
class Amount:
    """How many stories of each kind, how long."""
    codec: int
    follow: int
    returns: int
    lengths: tuple[int, ...]
    retrieval: int
    drift: int
    drift_chunks: int
    onward: int
    exam: int
    descent: bool = True  # of what is encoded beside what is made


AMOUNTS = {
    "quick": Amount(codec=3, follow=6, returns=3, lengths=(4, 8), retrieval=2, drift=1, drift_chunks=14, onward=2, exam=30),
    "short": Amount(codec=6, follow=40, returns=12, lengths=(8,), retrieval=4, drift=4, drift_chunks=14, onward=4, exam=60, descent=False),
    "medium": Amount(codec=12, follow=30, returns=8, lengths=exams.LENGTHS, retrieval=8, drift=2, drift_chunks=40, onward=8, exam=100),
    "full": Amount(codec=24, follow=100, returns=24, lengths=exams.LENGTHS, retrieval=24, drift=6, drift_chunks=40, onward=24, exam=300),
}


def policy_name(policy: str, size: int) -> str:
    return POLICY_NAMES[policy] + (f", b = {size}" if policy.startswith("nam") else "")


class Encoder:
    """Encodes what was drawn, for `Batch.add`: with descent (throughline/autoencoder.py) or, as the generator learns it, without."""

    def __init__(self, model: Autoencoder):
        self.model, digest = model, hashlib.sha256()
        for value in model.state_dict().values():
            digest.update(value.contiguous().numpy().tobytes())
        self.name = digest.hexdigest()

    def __call__(self, frames: np.ndarray, descent: bool = True) -> tuple[str, Callable[[], np.ndarray]]:
        """What latents [chunks, 3, 16, h, w] of a drawn story are made of, and what makes them."""

        @functools.cache
        def encoded() -> np.ndarray:
            clip = torch.from_numpy(as_floats(frames)).permute(0, 3, 1, 2)[None]
            with torch.no_grad(), mixed_precision("cpu", cache=False):
                return (self.model.encode if descent else self.model)(group_frames(clip))[0].unflatten(0, (-1, 3)).numpy()

        return f"{self.name} {descent} {hashlib.sha256(frames.tobytes()).hexdigest()}", encoded


def encoder_of(model: Path) -> Encoder:
    """The encoder whose latents the model makes: that of the checkpoint with the model's decoder."""
    for name in AUTOENCODERS:
        path = RUNS / f"{name}.pt"
        if path.exists() and belongs_to(torch.load(path, map_location="cpu"), model):
            return Encoder(load_encoder(name))
    raise SystemExit(f"No autoencoder in {RUNS} has the decoder of {model}: python3 training/start.py brings the decoder of the model that ships, and its encoder has to be trained")


def untrained_model(model: Path, out: Path) -> Path:
    """The same model before training."""
    if not (out / "dit.safetensors").exists():
        out.mkdir(parents=True, exist_ok=True)
        for name in ("config.json", "tokenizer.json", "vocabulary.json", "decoder.safetensors"):
            shutil.copyfile(model / name, out / name)
        config = json.loads((model / "config.json").read_text())
        torch.manual_seed(0)
        for name, module in (("text_encoder", TextEncoder(config["text"])), ("dit", CausalDiT(config))):
            safetensors_io.save(out / f"{name}.safetensors", {k: v.half() for k, v in module.state_dict().items()})
    return out


def codec(batch: Batch, encoder, world: str, amount: Amount):
    """The autoencoder: what was drawn, encoded here and decoded by the engine."""
    stories = [make_story(exams.CODEC_SEED + i, CURRICULA[world], 3) for i in range(amount.codec)]
    films = [draw_story(story) for story in stories]
    ways = {"codec": ("", True), "corrected": (", latents before descent, as the generator learns them", False)}
    for i, (story, (frames, _)) in enumerate(zip(stories, films)):
        for way, (_, descent) in ways.items():
            batch.add(f"{way}-{i}", line_of(story), given=encoder(frames, descent), decode_only=True)
    yield
    lines = ["## Autoencoder", "", "| | PSNR, dB | SSIM |", "|---|---|---|"]
    for way, (said, _) in ways.items():
        whole, figure = ([], []), ([], [])
        for i, (frames, boxes) in enumerate(films):
            real, made = as_floats(frames), as_floats(batch.frames(f"{way}-{i}"))
            for kept, measure in zip(whole, (psnr, ssim)):
                kept.append(measure(real, made))
            for x0, y0, x1, y1, k in ((*box, k) for k, here in enumerate(boxes) for box in here if box[2] - box[0] > 7 and box[3] - box[1] > 7):
                for kept, measure in zip(figure, (psnr, ssim)):
                    kept.append(measure(real[k:k + 1, y0:y1, x0:x1], made[k:k + 1, y0:y1, x0:x1]))
        lines += [f"| {name}{said} | {interval(p)} | {interval(s)} |" for name, (p, s) in (("whole frames", whole), ("character boxes", figure))]
    yield lines


def following(batch: Batch, encoder, probe, ceiling: dict, world: str, amount: Amount):
    """Prompts in ordinary English, nothing left out; and the drawn stories through the autoencoder alone, which no generator can better."""
    stories = [exams.follow_story(world, i) for i in range(amount.follow)]
    for i, story in enumerate(stories):
        batch.add(f"follow-{i}", line_of(story))
        batch.add(f"follow-drawn-{i}", line_of(story), given=encoder(draw_story(story)[0], amount.descent), decode_only=True)
    yield
    hits, kept = ({key: [] for key in probe.keys} for _ in range(2))
    framed: dict[str, list[tuple[bool, ...]]] = {}  # species and action, by how the shot is framed
    for i, story in enumerate(stories):
        made, decoded = (chunks_of(batch.frames(name), 2) for name in (f"follow-{i}", f"follow-drawn-{i}"))
        for c, (named, seen) in enumerate(zip(*(probe.names([look(frames) for frames in film]) for film in (made, decoded)))):
            truth = story.truth(c)
            for key in probe.keys:
                hits[key].append(named[key] == (truth[key] or "none"))
                kept[key].append(seen[key] == (truth[key] or "none"))
            for kind in (f"a story's chunk {c + 1}", f"{truth['size']} shots", "a still camera" if truth["camera"] == "still" else "a moving camera", f"what is to {truth['action']}"):
                framed.setdefault(kind, []).append(tuple(right[key][-1] for key in ("species", "action") for right in (hits, kept)))
    yield ["## Prompt following", "", "| attribute | the probe on drawn frames | on drawn frames through the autoencoder | on generated frames |", "|---|---|---|---|",
           *(f"| {key} | {interval(ceiling[key], True)} | {interval(kept[key], True)} | {interval(hits[key], True)} |" for key in probe.keys), "",
           "| in | shots | species | drawn, through the autoencoder | action | drawn, through the autoencoder |", "|---|---|---|---|---|---|",
           *(f"| {kind} | {len(right)} | " + " | ".join(interval(each, True) for each in zip(*right)) + " |" for kind, right in sorted(framed.items()))]


def pairing(batch: Batch, probe, ceiling: dict, world: str, amount: Amount):
    """Prompts for two characters, nothing left out."""
    stories = [exams.follow_story(world, i, pairs=True) for i in range(amount.follow // 2)]
    for i, story in enumerate(stories):
        batch.add(f"pair-{i}", line_of(story))
    yield
    keys = [key for key in probe.keys if key in OF_A_CHARACTER]
    hits: dict[str, list[bool]] = {key: [] for key in keys}
    both: dict[str, list[bool]] = {key: [] for key in keys}
    for i, story in enumerate(stories):
        for c, frames in enumerate(chunks_of(batch.frames(f"pair-{i}"), 2)):
            figures = story.truth(c)["figures"]
            named = probe.names([look(frames)] * len(figures), [side_of(figure, figures) for figure in figures])
            for key in keys:
                right = [name[key] == (figure[key] or "none") for name, figure in zip(named, figures)]
                hits[key] += right
                both[key].append(all(right))
    yield ["## Two characters in a shot", "", "| attribute | the probe on drawn frames | of each character | of both |", "|---|---|---|---|",
           *(f"| {key} | {interval(ceiling[key], True)} | {interval(hits[key], True)} | {interval(both[key], True)} |" for key in keys)]


def returning(batch: Batch, probe, world: str, amount: Amount, sheet: list):
    """Leave and return: one history a story, and the coming back made under every policy after every absence."""
    longest = max(amount.lengths)
    stories = [exams.return_story(world, i, longest) for i in range(amount.returns)]
    for i, story in enumerate(stories):
        line = line_of(story, policy="nam+sma", bankFrames=3)
        back = line.pop()
        branches = [{"id": f"return-{i}-{n}-{policy.replace('+', '-')}-{size}", "after": 2 + n, "chunk": {**back, "memory": {"policy": policy, "bankFrames": size}}}
                    for n in amount.lengths for policy, size in POLICIES]
        batch.add(f"return-{i}", line, branches)
    yield
    keys = [key for key in ("colour", "accessory", "species") if key in probe.keys]
    kept: dict[tuple, dict[str, list]] = {}
    drawn_change, half_way, second_look = [], [], {key: [] for key in keys}
    for i, story in enumerate(stories):
        real, _ = draw_story(story)
        seen, again = of_chunk(real, exams.FIRST_VISIT), of_chunk(real, longest + 2)
        drawn_change.append(change(seen, again))
        first_named, again_named = probe.names([look(seen), look(again)])
        for key in keys:
            second_look[key].append(first_named[key] == again_named[key])
        visit = FirstVisit.of(probe, keys, story, real, batch.frames(f"return-{i}"))
        half_way.append(visit.limit)
        row = [seen, visit.frames]
        for n in amount.lengths:
            for policy, size in POLICIES:
                made = batch.frames(f"return-{i}-{n}-{policy.replace('+', '-')}-{size}")
                cell = kept.setdefault((n, policy, size), {})
                for key, value in visit.kept_in(made).items():
                    cell.setdefault(key, []).append(value)
                if n == longest and size == 3:
                    row.append(made)
        sheet.append(row)
    columns = ["change", "layout", *(f"same {key}" for key in keys), *(key for key in keys if key != "species")]
    rows = ["## Leave and return", "",
            "| chunks away | memory | background change | layout kept | " + " | ".join([f"{key} as first seen" for key in keys] + [f"true {key}" for key in keys if key != "species"]) + " |",
            "|---|---|" + "---|" * len(columns)]
    for (n, policy, size), cell in kept.items():
        rows.append(f"| {n} | {policy_name(policy, size)} | {interval(cell['change'])} | " + " | ".join(interval(cell[key], True) for key in columns[1:]) + " |")
    looks = [interval(second_look[key], True) for key in keys]
    rows.append(f"| {longest} | a second look at the drawn world | {interval(drawn_change)} | 100 % | " + " | ".join(looks + ["" for key in keys if key != "species"]) + " |")
    rows += ["", f"Half of what another layout of that kind and light differs by, the limit for \"kept\": {interval(half_way)}."]
    yield rows


def retrieval(batches: dict[str, Batch], encoder, world: str, amount: Amount):
    """Precision@1 per layer on drawn histories, trained and untrained."""
    stories = [exams.retrieval_story(world, i) for i in range(amount.retrieval)]
    for i, story in enumerate(stories):
        given = encoder(draw_story(story)[0])
        for batch in batches.values():
            line = line_of(story, policy="nam")
            branches = [{"id": f"retrieve-{i}-{c}", "after": c, "chunk": {**line[c], "steps": [1000]}} for c in range(2, len(line))]
            batch.add(f"retrieve-{i}", line, branches, given=given)
    yield
    rows = ["## Retrieval precision@1", "", "| layer | trained | untrained |", "|---|---|---|"]
    results, chance = {}, []
    for name, batch in batches.items():
        hits: list[list[bool]] = [[] for _ in range(batch.config["dit"]["layers"])]
        for i, story in enumerate(stories):
            for made in batch.records(f"retrieve-{i}"):
                record, now = made["record"], story.truth(int(made["id"].rsplit("-", 1)[1]))
                candidates = [story.truth(frame // 3) for frame in record["candidates"]]
                good = [c["place_id"] == now["place_id"] or bool({f["who_id"] for f in c["figures"]} & {f["who_id"] for f in now["figures"]}) for c in candidates]
                if not any(good) or all(good):
                    continue
                if name == "trained":
                    chance.append(np.mean(good))
                for layer, scores in enumerate(record["scores"]):
                    hits[layer].append(good[int(np.argmax(scores))])
        results[name] = hits
    for layer, (trained, untrained) in enumerate(zip(results["trained"], results["untrained"])):
        rows.append(f"| {layer + 1} | {interval(trained, True)} | {interval(untrained, True)} |")
    every = [[hit for hits in results[name] for hit in hits] for name in ("trained", "untrained")]
    yield [*rows, f"| all | {interval(every[0], True)} | {interval(every[1], True)} |", "", f"By chance: {interval(chance, True)}."]


def drifting(batch: Batch, probe, world: str, amount: Amount):
    """Long shots: the first against the last 15 %, and one chunk against the next."""
    stories = [exams.drift_story(world, i, amount.drift_chunks) for i in range(amount.drift)]
    for i, story in enumerate(stories):
        batch.add(f"drift-{i}", line_of(story))
    yield
    made: dict[str, list] = {}
    real: dict[str, list] = {}
    for i, story in enumerate(stories):
        for kept, frames in ((made, batch.frames(f"drift-{i}")), (real, draw_story(story)[0])):
            for key, value in drift_of(probe, frames, amount.drift_chunks).items():
                kept.setdefault(key, []).append(value)
    yield [f"## Drift over {amount.drift_chunks} chunks", "", "| | generated | drawn |", "|---|---|---|", *(f"| {key} | {interval(made[key])} | {interval(real[key])} |" for key in made)]


def going_on(batch: Batch, probe, world: str, amount: Amount):
    """Shots that go on while what they show moves, or under a prompt that leaves out who is meant: what the probe calls them then, against what was told."""
    walking = [exams.walking_story(world, i, max(WALKED)) for i in range(amount.onward)]
    named = [exams.named_story(world, i) for i in range(amount.onward)]
    for kind, stories in (("walking", walking), ("named", named)):
        for i, story in enumerate(stories):
            batch.add(f"{kind}-{i}", line_of(story))
    yield
    keys = [key for key in ("species", "colour", "action") if key in probe.keys]
    rows = ["## Going on", "", "| | " + " | ".join(f"{key} as told | drawn" for key in keys) + " |", "|---|" + "---|---|" * len(keys)]
    for kind, stories, looks in (("walking", walking, WALKED), ("named", named, (2, 3))):
        for count in looks:
            hits: dict[str, list[tuple[bool, bool]]] = {key: [] for key in keys}
            for i, story in enumerate(stories):
                told = story.truth(count - 1)
                made, real = probe.names([look(of_chunk(frames, count - 1)) for frames in (batch.frames(f"{kind}-{i}"), draw_story(story)[0])])
                for key in keys:
                    hits[key].append((made[key] == told[key], real[key] == told[key]))
            what = f"a shot's chunk {count}, in which someone walks or runs" if kind == "walking" else "someone named is met" if count == 2 else "the shot goes on, and only the name is said"
            rows.append(f"| {what} | " + " | ".join(interval(each, True) for key in keys for each in zip(*hits[key])) + " |")
    yield rows


def save_sheet(rows: list[list[np.ndarray]], path: Path):
    """A row a story: the first visit as drawn and as made, then the returns without memory, with the sink, NAM, NAM + SMA."""
    pictures = [np.concatenate([frames[-4] for frames in row], 1) for row in rows[:10]]
    Image.fromarray(np.concatenate(pictures)).save(path, optimize=True)


class Exam:
    """The parts `names` of the exam that `args` ask for. Only what reports needs the probe and its answers for what was drawn, of one character and of each of two."""

    def __init__(self, args: argparse.Namespace, names: tuple[str, ...], threads: int, probe=None, ceiling=None, ceiling_of_two=None):
        model, amount, world = Path(args.model).resolve(), AMOUNTS[args.size], args.world
        work = RUNS.resolve() / "evaluation" / f"{digest_of(model)}-{world}-{args.size}"
        self.batch = batch = Batch(model, work, threads)
        self.fresh = Batch(untrained_model(model, RUNS.resolve() / "evaluation" / f"untrained-{digest_of(model)}"), work / "untrained", threads)
        encoder = encoder_of(model) if {*names} - {"exam", "memories"} else None
        self.sheet, self.exam_sheet, self.story_sheet = [], [], []
        exams_of = {
            "exam": lambda: sitting(batch, RUNS, amount.exam, self.exam_sheet, self.story_sheet, args.unread),
            "autoencoder": lambda: codec(batch, encoder, world, amount), "prompts": lambda: following(batch, encoder, probe, ceiling, world, amount),
            "returns": lambda: returning(batch, probe, world, amount, self.sheet),
            "retrieval": lambda: retrieval({"trained": batch, "untrained": self.fresh}, encoder, world, amount), "drift": lambda: drifting(batch, probe, world, amount),
            "memories": lambda: remembering(batch, probe, world, amount.returns, amount.drift)}
        if CURRICULA[world].pair_share:
            exams_of["pairs"] = lambda: pairing(batch, probe, ceiling_of_two, world, amount)
        if CURRICULA[world].name_share:
            exams_of["onward"] = lambda: going_on(batch, probe, world, amount)
        self.parts = [exams_of[name]() for name in PARTS if name in names and name in exams_of]

    def make(self):
        """Makes what is missing."""
        for part in self.parts:
            next(part)  # adds its jobs
        self.batch.run()
        if self.fresh.jobs:
            self.fresh.run()

    def report(self) -> list[str]:
        """The lines of each part, once all is made."""
        return [line for part in self.parts for line in (*next(part), "")]


def make_beside(args: argparse.Namespace, names: list[str], threads: int):
    """Makes some parts in a process of its own."""
    torch.set_num_threads(threads)
    Exam(args, names, threads).make()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default="resources/models/animatic")
    parser.add_argument("--world", choices=CURRICULA, default="full")
    parser.add_argument("--out", help="Markdown file; a sheet of the same name goes beside it")
    parser.add_argument("--size", choices=AMOUNTS, default="full", help="how many stories of each kind")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=USUAL, help="what to measure, default: all but memories")
    parser.add_argument("--unread", action="store_true", help="of the written exam its pictures only: without the examiner's forty minutes")
    parser.add_argument("--threads", type=int, default=2, help="from two on, two processes with half of them each make what is measured")
    args = parser.parse_args()
    amount, halves = AMOUNTS[args.size], [names for half in HALVES if (names := [name for name in half if name in args.parts])]
    if args.threads > 1 and len(halves) > 1:
        untrained_model(Path(args.model).resolve(), RUNS.resolve() / "evaluation" / f"untrained-{digest_of(Path(args.model).resolve())}")
        with multiprocessing.get_context("spawn").Pool(len(halves)) as pool:
            pool.starmap(make_beside, [(args, half, args.threads // 2) for half in halves])
    exam = Exam(args, args.parts, args.threads, *(load_probe(args.world, RUNS) if {*args.parts} - {"exam", "memories"} else (probe_of(args.world, RUNS),) if "memories" in args.parts else ()))
    exam.make()
    sampler = exam.batch.config["sampler"]
    text = [f"# {exam.batch.config['name']}, measured", "", f"Through onnxruntime; world `{args.world}`, {sampler['kind']}, {len(sampler['steps'])} steps; means with 95 % intervals. "
            f"Size `{args.size}`: {amount.follow} stories for prompts, {amount.returns} for returns, {amount.retrieval} for retrieval, {amount.drift} for drift, {amount.onward} for going on.", "", *exam.report()]
    print("\n".join(text))
    if args.out:
        out = Path(args.out)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text("\n".join(text))
        if exam.sheet:
            save_sheet(exam.sheet, out.with_suffix(".png"))
        if exam.exam_sheet:
            save_exam_sheet(exam.exam_sheet, out.with_name(f"{out.stem}-exam.jpg"))
            save_story_sheet(exam.story_sheet, out.with_name(f"{out.stem}-stories.jpg"))


if __name__ == "__main__":
    main()
