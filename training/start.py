"""Makes checkpoints in training/runs of the model that ships, from which all of training goes on.

python3 training/start.py
python3 training/train_autoencoder.py --only latents --world everyday --minutes 30     # an encoder for its decoder, which does not ship

`generator.pt` and `student.pt` are both the shipped text encoder and transformer: the one goes on to learn, the other makes
histories for rollouts and is what graft.py starts from. `autoencoder.pt` has the shipped decoder alone until an encoder is trained for
it: latents that this decoder draws well are those that the generator makes. Checkpoints that are there are kept.
"""
import argparse
import json
from pathlib import Path

import torch

from throughline import safetensors_io

RUNS, SHIPPED = Path(__file__).parent / "runs", Path(__file__).parent.parent / "resources/models/animatic"
AUTOENCODERS = "autoencoder", "shipped"  # checkpoints among which evaluate.py looks for the one whose decoder a model has


def belongs_to(autoencoder: dict, model: Path) -> bool:
    """Whether a model's decoder is that of the checkpoint, and so its latents are that encoder's."""
    decoder, own = safetensors_io.load(model / "decoder.safetensors"), autoencoder["decoder"]
    return own.keys() == decoder.keys() and all(torch.equal(weights.half(), decoder[k]) for k, weights in own.items())


def parts_of(model: Path) -> tuple[dict, dict]:
    """A model folder's generator and autoencoder, as checkpoints."""
    weights = {f"{prefix}.{k}": w.float() for prefix, name in (("text", "text_encoder"), ("dit", "dit")) for k, w in safetensors_io.load(model / f"{name}.safetensors").items()}
    words = json.loads((model / "tokenizer.json").read_text())["model"]["vocab"]
    generator = {"model": weights, "average": weights, "step": 0, "samples": 0, "tokens": sorted(words, key=words.get)}
    return generator, {"decoder": {k: w.float() for k, w in safetensors_io.load(model / "decoder.safetensors").items()}, "step": 0}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", default=str(SHIPPED))
    generator, autoencoder = parts_of(Path(parser.parse_args().model))
    RUNS.mkdir(exist_ok=True)
    for name, state in (("generator", generator), ("student", generator), ("autoencoder", autoencoder)):
        path = RUNS / f"{name}.pt"
        if path.exists():
            print(f"{path} is there already and stays")
        else:
            torch.save(state, path)
            print(path)


if __name__ == "__main__":
    main()
