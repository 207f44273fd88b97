"""What training a memory's adapter for the shipped model takes: the films that it is taught with, a run that resumes, the model's folder with it."""
import json
import random
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

from . import safetensors_io
from .memorypack import PREFIX

TRAINING = Path(__file__).parent.parent
RUNS, SHIPPED = TRAINING / "runs", TRAINING.parent / "resources/models/animatic"
FILMS = RUNS / "framepack"  # of the shipped model, which is its own teacher: train_framepack.py --films
HELD_OUT = RUNS / "held-out"  # films that no training sees: held_out.py
LONGEST_STEP_SEC = 60  # a process that was paused does not count the pause


class Films(list):
    """All films that were drawn, the shortest first; `refresh` adds those that came since."""

    def __init__(self):
        super().__init__()
        self.seen: set[str] = set()
        self.refresh()

    def refresh(self):
        fresh = [path for path in sorted(FILMS.glob("*.pt")) if path.name not in self.seen]
        self.seen |= {path.name for path in fresh}
        self += [torch.load(path) for path in fresh]
        if not self:
            raise SystemExit(f"{FILMS} holds no films: draw some with train_framepack.py --films")
        self.sort(key=lambda film: len(film["prompts"]))


def name_in_training(name: str) -> str:
    """Of a tensor in an adapter's file, the name of the parameter that becomes it."""
    return re.sub(r"\.lora_([AB])\.weight$", r".\1", name).removeprefix("clean_x_embedder.").replace(PREFIX, "pack.", 1)


class AdapterRun:
    """Steps of Adam over a budget of minutes that all runs of a name share; resumes from training/runs/<name>.pt, and says every tenth step how it goes."""

    def __init__(self, name: str, parameters: dict[str, torch.nn.Parameter], adapter: Callable[[], dict[str, torch.Tensor]], lr: float, minutes: float, start: str | None = None):
        """`start`: an adapter's file (`adapters/*.safetensors` of a model) whose tensors a new run begins with."""
        self.path, self.parameters, self.adapter, self.lr, self.minutes = RUNS / f"{name}.pt", parameters, adapter, lr, minutes
        self.optimiser = torch.optim.Adam(parameters.values(), lr=lr, betas=(0.9, 0.98))
        self.step, self.spent, self.means, self.also = 0, 0.0, {}, {}
        if not self.path.exists():
            self.take({name_in_training(k): v for k, v in safetensors_io.load(start).items()} if start else {})
        else:
            state = torch.load(self.path)
            self.take(state["trained"])
            self.optimiser.load_state_dict(state["optimiser"])
            self.step, self.spent = state["step"], state["spent"]
        torch.manual_seed(self.step)
        self.rng = random.Random(self.step)  # a resumed run draws otherwise than the run before it

    def take(self, trained: dict[str, torch.Tensor]):
        """Parameters by name; those that are not given stay."""
        for name, p in trained.items():
            if name not in self.parameters or self.parameters[name].shape != p.shape:
                ours = list(self.parameters[name].shape) if name in self.parameters else "nothing"
                raise SystemExit(f"{name} is {list(p.shape)} where this run has {ours}: begin with an adapter of this memory (MemoryPack also with FramePack's), and say its --rank")
            self.parameters[name].data.copy_(p)

    def steps(self) -> Iterator[float]:
        """The share of the time that is spent, once a step; whoever asks brings gradients before the next. The rate holds for half of the time, then falls."""
        last = time.time()
        with self.path.with_suffix(".jsonl").open("a") as log:
            while (progress := self.spent / (60 * self.minutes) if self.minutes > 0 else 1.0) < 1:
                for group in self.optimiser.param_groups:
                    group["lr"] = self.lr * min(1.0, (self.step + 1) / 20) * (1 if progress < 0.5 else max(0.02, 2 - 2 * progress))
                yield progress
                torch.nn.utils.clip_grad_norm_(self.parameters.values(), 1.0)
                self.optimiser.step()
                self.optimiser.zero_grad(set_to_none=True)
                self.step, self.spent, last = self.step + 1, self.spent + min(time.time() - last, LONGEST_STEP_SEC), time.time()
                if self.step % 10 == 0:
                    line = {"step": self.step, "minutes": round(self.spent / 60, 2), **self.also, **{k: round(v, 4) for k, v in self.means.items()}}
                    print(line, flush=True)
                    log.write(json.dumps(line) + "\n")
                    log.flush()
                if self.step % 20 == 0:
                    self.save()
        self.save()

    def note(self, **values: float):
        """Smoothed over some twenty steps."""
        for name, value in values.items():
            self.means[name] = self.means.get(name, value) * 0.95 + 0.05 * value

    def save(self):
        state = {"trained": {k: p.detach() for k, p in self.parameters.items()}, "adapter": self.adapter(), "optimiser": self.optimiser.state_dict(), "step": self.step, "spent": self.spent}
        torch.save(state, self.path.with_suffix(".part"))
        self.path.with_suffix(".part").rename(self.path)


def export(folder: Path, names: dict[str, str]):
    """The shipped model with adapters as they are now, in halves: by the name of the run, that of the file. Others that were written there before stay."""
    if not (folder / "config.json").exists():
        shutil.copytree(SHIPPED, folder, dirs_exist_ok=True)
    (folder / "adapters").mkdir(exist_ok=True)
    for run, name in names.items():
        adapter = {k: v.half() for k, v in torch.load(RUNS / f"{run}.pt")["adapter"].items()}
        safetensors_io.save(folder / "adapters" / f"{name}.safetensors", adapter)
        print(folder, name, sum(v.numel() * 2 for v in adapter.values()), "bytes of adapter")
