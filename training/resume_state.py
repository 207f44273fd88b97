"""Packs what another machine needs to continue into one small file, or unpacks it into training/runs.

python3 training/resume_state.py pack
python3 training/resume_state.py unpack
Kept: generator weights (bf16), Muon momentum (8 bits a value with a scale per row), autoencoders (fp16; the decoder that ships is read from there).
Left out: the weight average (it restarts from the weights) and Adam's state (it refills within a hundred steps).
"""
import argparse
from pathlib import Path

import torch

from throughline import safetensors_io

HERE = Path(__file__).parent
RUNS, STATE = HERE / "runs", HERE / "state" / "resume.pt"
SHIPPED_DECODER = HERE.parent / "resources/models/animatic/decoder.safetensors"
AUTOENCODERS = {"autoencoder": ("encoder",), "painted": ("encoder", "decoder")}  # that of the weights that ship, decoder and all, and that of the generator in training


def squeeze(x: torch.Tensor) -> dict:
    """8-bit integers with one scale a row."""
    flat = x.reshape(x.shape[0], -1)
    scale = flat.abs().amax(1, keepdim=True).clamp(min=1e-12) / 127
    return {"values": (flat / scale).round().to(torch.int8), "scale": scale.half() if float(scale.min()) > 1e-6 else scale, "shape": list(x.shape)}


def expand(packed: dict) -> torch.Tensor:
    return (packed["values"].float() * packed["scale"].float()).reshape(packed["shape"])


def stored(auto: dict, dtype: torch.dtype, parts: tuple[str, ...]) -> dict:
    """An autoencoder's checkpoint with the weights of its `parts` in `dtype`."""
    weights = {part: {k: v.to(dtype) if v.is_floating_point() and "running" not in k else v for k, v in auto[part].items()} for part in parts}  # a variance can be beyond fp16
    return {**weights, "step": auto["step"]}


def pack():
    generator = torch.load(RUNS / "generator.pt", map_location="cpu")
    # A checkpoint that was unpacked and not trained since holds the momentum itself.
    momentum = generator.get("momentum") or {i: s["momentum"] for i, s in generator["optimisers"][0]["state"].items()}
    STATE.parent.mkdir(exist_ok=True)
    torch.save({
        "model": {k: v.bfloat16() for k, v in generator["model"].items()}, "muon": {i: squeeze(m) for i, m in momentum.items()}, "step": generator["step"], "samples": generator["samples"],
        "tokens": generator["tokens"],
        "autoencoders": {name: stored(torch.load(RUNS / f"{name}.pt", map_location="cpu"), torch.float16, parts) for name, parts in AUTOENCODERS.items()},
    }, STATE)
    print(STATE, STATE.stat().st_size, "bytes")


def unpack():
    state = torch.load(STATE)
    RUNS.mkdir(exist_ok=True)
    model = {k: v.float() for k, v in state["model"].items()}
    torch.save({"model": model, "average": model, "momentum": {i: expand(p) for i, p in state["muon"].items()},
                "step": state["step"], "samples": state["samples"], **{k: state[k] for k in ("tokens",) if k in state}}, RUNS / "generator.pt")
    for name, weights in state["autoencoders"].items():
        whole = {"decoder": safetensors_io.load(SHIPPED_DECODER), **weights}
        torch.save(stored(whole, torch.float32, ("encoder", "decoder")), RUNS / f"{name}.pt")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=("pack", "unpack"))
    {"pack": pack, "unpack": unpack}[parser.parse_args().action]()


if __name__ == "__main__":
    main()
