"""Stories made by the app's own engine (scripts/render-batch.ts, onnxruntime), for measuring what is shipped."""
import hashlib
import json
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parent.parent.parent
NODE, SCRIPT = ROOT / "node_modules/.bin/node", ROOT / "scripts/render-batch.ts"


def digest_of(folder: Path) -> str:
    """Short name of a model's weights and settings."""
    return hashlib.sha256(b"".join(p.read_bytes() for p in sorted(folder.iterdir()) if p.suffix in (".json", ".safetensors"))).hexdigest()[:12]


def chunk(prompt: str, transition: str = "cut", seed: int = 0, steps: list[int] | None = None, **memory) -> dict:
    """One chunk of a job; `memory` overrides the model's settings (policy, bankFrames, ...)."""
    return {"prompt": prompt, "transition": transition, "seed": seed, "memory": memory} | ({"steps": steps} if steps else {})


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

    def add(self, name: str, line: list[dict], branches: list[dict] = (), given: np.ndarray | None = None, decode_only: bool = False):
        """`given`: latents [chunks, 3, 16, h, w] of the first chunks of the line; a branch is {"id", "after", "chunk"}.

        A result that was made of other latents is forgotten: an encoder can be trained while the model stays as it is.
        """
        job = {"id": name, "line": line, "branches": list(branches), "decodeOnly": decode_only}
        if given is not None:
            path = self.out / f"{name}.latents"
            latents = np.ascontiguousarray(given, np.float32).tobytes()
            if not path.exists() or path.read_bytes() != latents:
                (self.out / f"{name}.json").unlink(missing_ok=True)
                path.write_bytes(latents)
            job["given"] = str(path)
        self.jobs.append(job)

    def run(self):
        """Makes what is missing. Raises CalledProcessError if the engine could not."""
        path = self.out / "batch.json"
        path.write_text(json.dumps({"modelFolder": str(self.model), "out": str(self.out), "threads": self.threads, "jobs": self.jobs}))
        subprocess.run([str(NODE), str(SCRIPT), str(path)], check=True, cwd=ROOT)

    def frames(self, name: str) -> np.ndarray:
        """Frames [F, H, W, 3] uint8 of a job or a branch."""
        video = self.config["video"]
        return np.fromfile(self.out / f"{name}.rgb", np.uint8).reshape(-1, video["height"], video["width"], 3)

    def records(self, job: str) -> list[dict]:
        """What was recorded of the chunks a job made: {"id", "totalMs", "record"}."""
        return json.loads((self.out / f"{job}.json").read_text())
