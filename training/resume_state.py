"""Packs what another machine needs to continue into one small file, or unpacks it into training/runs.

python3 training/resume_state.py pack
python3 training/resume_state.py unpack
Kept: generator weights (bf16), Muon momentum (8 bits a value with a scale per row), the encoder (fp16), and the decoder unless it is the one that ships.
Left out: the weight average (it restarts from the weights) and Adam's state (it refills within a hundred steps).
"""
import argparse
from pathlib import Path

import torch

from throughline import safetensors_io

HERE = Path(__file__).parent
RUNS, STATE = HERE / "runs", HERE / "state" / "resume.pt"
COUNTS = ("step", "samples", "tokens")
SHIPPED_DECODER = HERE.parent / "resources/models/animatic/decoder.safetensors"


def squeeze(x: torch.Tensor) -> dict:
    """8-bit integers with one scale a row."""
    flat = x.reshape(x.shape[0], -1)
    scale = flat.abs().amax(1, keepdim=True).clamp(min=1e-12) / 127
    return {"values": (flat / scale).round().to(torch.int8), "scale": scale.half() if float(scale.min()) > 1e-6 else scale, "shape": list(x.shape)}


def expand(packed: dict) -> torch.Tensor:
    return (packed["values"].float() * packed["scale"].float()).reshape(packed["shape"])


def cast(weights: dict[str, torch.Tensor], dtype: torch.dtype) -> dict[str, torch.Tensor]:
    """Weights in `dtype`; running statistics stay as they are, since a variance can be beyond fp16."""
    return {k: v.to(dtype) if v.is_floating_point() and "running" not in k else v for k, v in weights.items()}


def pack():
    generator = torch.load(RUNS / "generator.pt", map_location="cpu")
    # A checkpoint that was unpacked and not trained since holds the momentum itself.
    momentum = generator.get("momentum") or {i: s["momentum"] for i, s in generator["optimisers"][0]["state"].items()}
    autoencoder = torch.load(RUNS / "autoencoder.pt", map_location="cpu")
    decoder, shipped = cast(autoencoder["decoder"], torch.float16), safetensors_io.load(SHIPPED_DECODER)
    ships = all(torch.equal(weights, shipped[k]) for k, weights in decoder.items())
    STATE.parent.mkdir(exist_ok=True)
    torch.save({
        "model": cast(generator["model"], torch.bfloat16), "muon": {i: squeeze(m) for i, m in momentum.items()}, **{k: generator[k] for k in COUNTS},
        "encoder": cast(autoencoder["encoder"], torch.float16), "encoder_step": autoencoder["step"], **({} if ships else {"decoder": decoder}),
    }, STATE)
    print(STATE, STATE.stat().st_size, "bytes")


def unpack():
    state = torch.load(STATE)
    RUNS.mkdir(exist_ok=True)
    model = cast(state["model"], torch.float32)
    torch.save({"model": model, "average": model, "momentum": {i: expand(p) for i, p in state["muon"].items()}, **{k: state[k] for k in COUNTS}}, RUNS / "generator.pt")
    encoder, decoder = (cast(weights, torch.float32) for weights in (state["encoder"], state.get("decoder") or safetensors_io.load(SHIPPED_DECODER)))
    torch.save({"encoder": encoder, "decoder": decoder, "step": state["encoder_step"]}, RUNS / "autoencoder.pt")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=("pack", "unpack"))
    {"pack": pack, "unpack": unpack}[parser.parse_args().action]()


if __name__ == "__main__":
    main()
