"""Packs what another machine needs to continue into one small file, or unpacks it into training/runs.

python3 training/resume_state.py pack
python3 training/resume_state.py unpack
Kept: generator weights (bf16); of each autoencoder what encodes (fp16), and the decoder unless it is the one that ships; evaluate.py's
probes (fp16), so that figures of different sessions come from the same examiner. `autoencoder` is the generator's; `shipped`, where there is one, belongs to the model that ships, which evaluate.py needs.
Besides, `student`, the distilled model that ships, is read from its folder: for graft.py, and for histories of rollouts.
Left out: the weight average (it restarts from the weights) and the optimisers' state (it refills within a hundred steps).
"""
import argparse
from pathlib import Path

import torch

from throughline import safetensors_io

HERE = Path(__file__).parent
RUNS, STATE = HERE / "runs", HERE / "state" / "resume.pt"
AUTOENCODERS = "autoencoder", "shipped"
PROBES = "probe-*.pt"
COUNTS = ("step", "samples", "tokens")
SHIPPED = HERE.parent / "resources/models/animatic"


def cast(weights: dict[str, torch.Tensor], dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Weights in `dtype`; running statistics stay as they are, since a variance can be beyond fp16."""
    return {k: v.to(dtype) if v.is_floating_point() and "running" not in k else v for k, v in weights.items()}


def pack():
    generator = torch.load(RUNS / "generator.pt", map_location="cpu")
    kept = {name: half_of(torch.load(path, map_location="cpu")) for name in AUTOENCODERS if (path := RUNS / f"{name}.pt").exists()}
    STATE.parent.mkdir(exist_ok=True)
    probes = {path.stem: cast(torch.load(path, map_location="cpu"), torch.float16) for path in sorted(RUNS.glob(PROBES))}
    torch.save({"model": cast(generator["model"], torch.bfloat16), **{k: generator[k] for k in COUNTS}, **kept, "probes": probes}, STATE)
    print(STATE, STATE.stat().st_size, "bytes")


def half_of(autoencoder: dict) -> dict:
    """A checkpoint in fp16, without its decoder where that ships."""
    ships = belongs_to(autoencoder, SHIPPED)
    return {name: weights if name == "step" else cast(weights, torch.float16) for name, weights in autoencoder.items() if not (ships and name == "decoder")}


def belongs_to(autoencoder: dict, model: Path) -> bool:
    """Whether a model's decoder is that of the checkpoint, and so its latents are that encoder's."""
    decoder = safetensors_io.load(model / "decoder.safetensors")
    return all(torch.equal(weights, decoder[k]) for k, weights in cast(autoencoder["decoder"], torch.float16).items())


def unpack():
    state = torch.load(STATE)
    RUNS.mkdir(exist_ok=True)
    model = cast(state["model"], torch.float32)
    torch.save({"model": model, "average": model, **{k: state[k] for k in COUNTS}}, RUNS / "generator.pt")
    shipped = {f"{prefix}.{k}": w.float() for prefix, name in (("text", "text_encoder"), ("dit", "dit")) for k, w in safetensors_io.load(SHIPPED / f"{name}.safetensors").items()}
    torch.save({"model": model | shipped, "average": model | shipped, **{k: state[k] for k in COUNTS}}, RUNS / "student.pt")
    for name in AUTOENCODERS:
        if name in state:
            half = {"decoder": safetensors_io.load(SHIPPED / "decoder.safetensors")} | state[name]
            torch.save({part: weights if part == "step" else cast(weights, torch.float32) for part, weights in half.items()}, RUNS / f"{name}.pt")
    for name, weights in state.get("probes", {}).items():
        torch.save(cast(weights, torch.float32), RUNS / f"{name}.pt")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=("pack", "unpack"))
    {"pack": pack, "unpack": unpack}[parser.parse_args().action]()


if __name__ == "__main__":
    main()
