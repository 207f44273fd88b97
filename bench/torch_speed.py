"""The same story loop in PyTorch, driven line by line so that a benchmark can interleave it with our engine.

usage: python3 bench/torch_speed.py <model folder>, with OMP_NUM_THREADS threads
in:  {"precision": "fp32" | "bf16", "prompt": "...", "chunks": n}     continues that precision's own story
out: {"chunks": [{"encode", "retrieve", "recache", "steps": [...], "commit", "decode", "total", "frames"}]}, milliseconds
"""
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "training"))

import torch  # noqa: E402

from throughline.inference import Engine, Story  # noqa: E402


class Narrator:
    """One story in one precision."""

    def __init__(self, folder: str, precision: str):
        self.engine = Engine(folder)
        self.engine.autocast = precision == "bf16"
        self.engine.latents = {}
        self.story, self.memory, self.previous = Story(), [None] * 9, None
        c, v = self.engine.config["latent"], self.engine.config["video"]
        self.shape = (self.engine.chunk_frames, c["channels"], v["height"] // c["spatialStride"], v["width"] // c["spatialStride"])
        self.generator = torch.Generator().manual_seed(0)
        self.laps = {}
        self._time("retrieve", "retrieve")
        self._time("_velocity", "pass")

    def _time(self, method: str, lap: str):
        inner = getattr(self.engine, method)

        def timed(*args, **kwargs):
            start = time.perf_counter()
            result = inner(*args, **kwargs)
            self.laps.setdefault(lap, []).append(1000 * (time.perf_counter() - start))
            return result

        setattr(self.engine, method, timed)

    @torch.no_grad()
    def chunk(self, text: str) -> dict:
        start = time.perf_counter()
        if text != self.previous:
            self.prompt = self.engine.prompt(text)
        encoded = time.perf_counter()
        self.laps = {}
        changed = self.previous is not None and text != self.previous
        latents = self.engine.chunk(self.story, self.prompt, lambda step: torch.randn(self.shape, generator=self.generator), changed, "continue", changed)
        generated = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=self.engine.autocast):
            frames = self.engine.decoder(latents[None], self.memory)[0].float().clamp(0, 1)
        frames = (frames.permute(0, 2, 3, 1) * 255).round().to(torch.uint8)[3 if self.previous is None else 0:].contiguous()
        end = time.perf_counter()
        self.previous = text
        for old in [i for i in self.engine.latents if i < self.story.frame_count - 16]:
            del self.engine.latents[old]
        passes = self.laps["pass"]
        steps = len(self.engine.config["sampler"]["steps"])
        return {
            "encode": 1000 * (encoded - start), "retrieve": sum(self.laps.get("retrieve", [])),
            "recache": sum(passes[:-steps - 1]), "steps": passes[-steps - 1:-1], "commit": passes[-1],
            "decode": 1000 * (end - generated), "total": 1000 * (end - start), "frames": len(frames),
        }


def main():
    narrators = {}
    print(json.dumps({"torch": torch.__version__, "threads": torch.get_num_threads()}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        precision = request["precision"]
        if precision not in narrators:
            narrators[precision] = Narrator(sys.argv[1], precision)
        narrator = narrators[precision]
        print(json.dumps({"chunks": [narrator.chunk(request["prompt"]) for _ in range(request["chunks"])]}), flush=True)


if __name__ == "__main__":
    main()
