"""Stories made by the app's own engine (scripts/render-batch.ts, onnxruntime), for measuring what is shipped."""
import hashlib
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from .story import Story

ROOT = Path(__file__).parent.parent.parent
NODE, SCRIPT = ROOT / "node_modules/.bin/node", ROOT / "scripts/render-batch.ts"


def digest_of(folder: Path) -> str:
    """Short name of a model's weights and settings."""
    return hashlib.sha256(b"".join(p.read_bytes() for p in sorted(folder.iterdir()) if p.suffix in (".json", ".safetensors"))).hexdigest()[:12]


def chunk(prompt: str, transition: str = "cut", seed: int = 0, steps: list[int] | None = None, **memory) -> dict:
    """One chunk of a job; `memory` overrides the model's settings (policy, bankFrames, ...)."""
    return {"prompt": prompt, "transition": transition, "seed": seed, "memory": memory} | ({"steps": steps} if steps else {})


def line_of(story: Story, **memory) -> list[dict]:
    """The chunks of a story, one after another."""
    out = []
    for index, shot in enumerate(story.chunk_shot):
        first = index == 0 or story.chunk_shot[index - 1] != shot
        out.append(chunk(story.shots[shot].prompt, story.shots[shot].transition if first else "continue", story.seed % 2**31, **memory))
    return out


@dataclass
class Batch:
    """Jobs for one model. Results are kept in `out`, so that a batch that was cut short goes on where it was."""
    model: Path
    out: Path
    threads: int = 2
    jobs: list[dict] = field(default_factory=list)

    def __post_init__(self):
        self.config = json.loads((self.model / "config.json").read_text())
        self.out.mkdir(parents=True, exist_ok=True)

    def add(self, name: str, line: list[dict], branches: list[dict] = (), given: tuple[str, Callable[[], np.ndarray]] | None = None, decode_only: bool = False):
        """`given`: what makes latents [chunks, 3, 16, h, w] of the first chunks of the line, and a name of what they are made of; a branch is {"id", "after", "chunk"}.

        Latents are kept as well. Those made of anything else, and their result, are forgotten: an encoder can be trained while the model stays as it is.
        """
        job = {"id": name, "line": line, "branches": list(branches), "decodeOnly": decode_only}
        if given is not None:
            path, kept_of, (made_of, make) = self.out / f"{name}.latents", self.out / f"{name}.of", given
            if not path.exists() or not kept_of.exists() or kept_of.read_text() != made_of:
                for old in (self.out / f"{name}.json", kept_of):
                    old.unlink(missing_ok=True)
                path.write_bytes(np.ascontiguousarray(make(), np.float32).tobytes())
                kept_of.write_text(made_of)
            job["given"] = str(path)
        self.jobs.append(job)

    def run(self):
        """Makes what is missing. Raises CalledProcessError if the engine could not."""
        path = self.out / f"batch-{os.getpid()}.json"
        path.write_text(json.dumps({"modelFolder": str(self.model), "out": str(self.out), "threads": self.threads, "jobs": self.jobs}))
        subprocess.run([str(NODE), str(SCRIPT), str(path)], check=True, cwd=ROOT)
        path.unlink()

    def frames(self, name: str) -> np.ndarray:
        """Frames [F, H, W, 3] uint8 of a job or a branch, at the size of the frame: a decoder that draws larger is averaged down."""
        large, scale = self.large(name), self.config["decoder"].get("outputScale", 1)
        if scale == 1:
            return large
        cells = large.reshape(len(large), large.shape[1] // scale, scale, large.shape[2] // scale, scale, 3)
        return np.stack([(frame.mean((1, 3)) + 0.5).astype(np.uint8) for frame in cells])

    def large(self, name: str) -> np.ndarray:
        """The same as large as the decoder draws them."""
        video, scale = self.config["video"], self.config["decoder"].get("outputScale", 1)
        return np.fromfile(self.out / f"{name}.rgb", np.uint8).reshape(-1, video["height"] * scale, video["width"] * scale, 3)

    def records(self, job: str) -> list[dict]:
        """What was recorded of the chunks a job made: {"id", "totalMs", "record"}."""
        return json.loads((self.out / f"{job}.json").read_text())
