"""The exam's table of memories, for evaluate.py: every memory that a model offers, on the same stories; what comes back, what drifts, what it costs."""
import hashlib
from pathlib import Path

import numpy as np

from . import exams
from .measures import interval
from .probe import Probe
from .returns import FirstVisit, drift_of
from .shipped import Batch, line_of
from .world import draw_story

NAMES = {"window": "window", "sink": "sink", "nam": "NAM", "nam+sma": "NAM + SMA", "framepack": "FramePack", "memorypack": "MemoryPack", "mag": "MAG"}
FRAMES = ("window", "sink", "nam", "nam+sma")
OWN = {"paper": FRAMES, "released": FRAMES, "mag": ("mag",)}  # of a model that was trained with it, by `memory.mode` of its config
BY_ADAPTERS = {"framepack": ("framepack.safetensors",), "memorypack": ("memorypack.safetensors",), "mag": ("mag.safetensors", "mag-memory.safetensors")}
BANKS = 3, 6, 9
DRIFT_CHUNKS = 40
STEADY = 8  # chunks of a long shot before those whose time is told
KEYS = "colour", "species", "accessory"
DRIFTS = "background change, first to last 15 %", "sharpness, last over first", "saturation, last over first"


def offered(model: Path, mode: str) -> list[str]:
    """The memories that a model folder offers: its own, and those whose adapters lie beside it."""
    return [*OWN[mode], *(name for name, files in BY_ADAPTERS.items() if name not in OWN[mode] and all((model / "adapters" / file).exists() for file in files))]


def adapters_name(model: Path) -> str:
    """Changes with every adapter: what was made with others is made anew."""
    digest = hashlib.sha256()
    for path in sorted((model / "adapters").glob("*.safetensors")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:8]


def remembering(batch: Batch, probe: Probe, world: str, returns: int, drifts: int):
    """Returns on `returns` stories, drift on `drifts`.

    The history of a return is one for all memories, made with the model's own; each memory looks at it in its own way and makes the coming back.
    """
    mode, longest = batch.config["memory"]["mode"], max(exams.LENGTHS)
    memories, made_of = offered(batch.model, mode), adapters_name(batch.model)
    banks = [(name, size) for name in memories if name.startswith("nam") for size in BANKS]
    # MAG's own models are asked for it by the name that their recipes hold.
    asked = {name: {"policy": "nam" if name == mode == "mag" else name} for name in memories}
    stories = [exams.return_story(world, i, longest) for i in range(returns)]
    shots = [exams.drift_story(world, i, DRIFT_CHUNKS) for i in range(drifts)]
    back_of = lambda i, n, name, size=None: f"memory-{made_of}-{i}-{n}-{name}" + (f"-{size}" if size else "")  # noqa: E731
    for i, story in enumerate(stories):
        *line, back = line_of(story)
        ways = [(back_of(i, n, name), n, asked[name]) for n in exams.LENGTHS for name in memories]
        ways += [(back_of(i, longest, name, size), longest, asked[name] | {"bankFrames": size}) for name, size in banks]
        batch.add(f"memory-{made_of}-{i}", line, [{"id": name, "after": 2 + n, "chunk": {**back, "memory": memory}} for name, n, memory in ways])
    for i, shot in enumerate(shots):
        for name in memories:
            batch.add(f"memory-{made_of}-drift-{i}-{name}", line_of(shot, **asked[name]))
    yield
    keys = [key for key in KEYS if key in probe.keys]
    kept: dict[tuple, dict[str, list]] = {}
    tokens: dict[tuple, list[int]] = {}
    for i, story in enumerate(stories):
        visit = FirstVisit.of(probe, keys, story, draw_story(story)[0], batch.frames(f"memory-{made_of}-{i}"))
        told = {record["id"]: record["contextTokens"] for record in batch.records(f"memory-{made_of}-{i}")}
        for n, name, size in [*((n, name, None) for n in exams.LENGTHS for name in memories), *((longest, *bank) for bank in banks)]:
            cell = kept.setdefault((name, n, size), {})
            tokens.setdefault((name, n, size), []).append(told[back_of(i, n, name, size)])
            for key, value in visit.kept_in(batch.frames(back_of(i, n, name, size))).items():
                cell.setdefault(key, []).append(value)
    names = {name: NAMES[name] + (" (released)" if mode == "released" and name in FRAMES else "") for name in memories}
    columns = [*(f"same {key}" for key in keys), "layout"]
    shares = lambda cell: " | ".join(interval(cell[key], True) for key in columns)  # noqa: E731
    heads = " | ".join([*keys, "layout"])
    rows = ["## Memories", "", f"What of the first visit is there on return; {returns} stories, the same history for all.", "",
            f"| memory | chunks away | {heads} | background change |", "|---|---|" + "---|" * (len(columns) + 1)]
    for name in memories:
        rows += [f"| {names[name]} | {n} | {shares(cell)} | {interval(cell['change'])} |" for n in exams.LENGTHS for cell in [kept[name, n, None]]]
    rows += ["", f"One shot of {DRIFT_CHUNKS} chunks, {drifts} of them, made with each memory from its start; and what it costs.", "",
             f"| memory | {' | '.join(DRIFTS)} | K/V tokens read | K/V tokens kept for a frame of the film | state, MB | ms a chunk |", "|---|" + "---|" * (len(DRIFTS) + 4)]
    dit, video, latent = batch.config["dit"], batch.config["video"], batch.config["latent"]
    frame_tokens = (video["width"] // latent["spatialStride"] // 2) * (video["height"] // latent["spatialStride"] // 2)
    token_bytes = 2 * dit["layers"] * dit["dim"] * 2  # K and V in halves, as the engine keeps them
    for name in memories:
        drift: dict[str, list[float]] = {}
        times, read, state = [], 0, 0
        for i in range(drifts):
            records = batch.records(f"memory-{made_of}-drift-{i}-{name}")
            times += [record["totalMs"] for record in records[STEADY:]]
            read, state = max(read, records[-1]["contextTokens"]), max(state, records[-1]["stateBytes"])
            for key, value in drift_of(probe, batch.frames(f"memory-{made_of}-drift-{i}-{name}"), DRIFT_CHUNKS).items():
                drift.setdefault(key, []).append(value)
        told = " | ".join(interval(drift[key]) for key in DRIFTS)
        rows.append(f"| {names[name]} | {told} | {read} | {state / token_bytes / (DRIFT_CHUNKS * batch.config['sampler']['chunkFrames']):.1f} | {state / 1e6:.2f} | {np.median(times):.0f} |")
    rows += ["", f"A frame is {frame_tokens} tokens. Read: by every head of a layer, besides the chunk's own tokens and its prompt's. State: K/V and whatever else is kept after {DRIFT_CHUNKS} chunks, counted as K/V tokens in the column before. "
             "Times were taken one memory after another, with whatever else the machine did."]
    if banks:
        rows += ["", f"Bank sizes, after {longest} chunks away:", "", f"| memory | b | {heads} | K/V tokens read |", "|---|---|" + "---|" * (len(columns) + 1)]
        rows += [f"| {names[name]} | {size} | {shares(kept[name, longest, size])} | {np.mean(tokens[name, longest, size]):.0f} |" for name, size in banks]
    if "mag" in memories:
        rows += ["", f"MAG keeps one frame of the {batch.config['sampler']['chunkFrames']} of a chunk: a compression of {batch.config['sampler']['chunkFrames']}x. "
                 "5x, as in the paper's table 4, is not a setting: it is one frame of a chunk of five, and generator and memory model of such chunks are other weights."]
    yield rows
