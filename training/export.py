"""Writes the model folder the app loads, in fp16.

python3 training/export.py [--out resources/models/animatic] [--sampler euler --steps 8]
"""
import argparse
import json
from pathlib import Path

import torch

from throughline import safetensors_io
from throughline.vocabulary import SPECIALS, tokenizer_json, tokens, vocabulary
from throughline.config import animatic
from throughline.text import refit_words

ROOT = Path(__file__).parent.parent
RUNS = ROOT / "training" / "runs"


def seen_ids() -> set[int]:
    """Token ids that occur in the prompts the generator was trained on."""
    return {i for path in (RUNS / "latents").glob("*.pt") for story in torch.load(path) for prompt in story["prompts"] for i in prompt}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default=str(ROOT / "resources/models/animatic"))
    parser.add_argument("--name", default="generator")
    parser.add_argument("--weights", choices=("average", "model"), default="model")
    parser.add_argument("--sampler", choices=("renoise", "euler"))
    parser.add_argument("--steps", type=int, help="number of evenly spaced nominal steps")
    args = parser.parse_args()
    config, out = animatic(), Path(args.out)
    if args.sampler:
        config["sampler"]["kind"] = args.sampler
    if args.steps:
        config["sampler"]["steps"] = [round(1000 - 1000 * i / args.steps) for i in range(args.steps)]
    state = torch.load(RUNS / f"{args.name}.pt", map_location="cpu")
    weights = refit_words(state[args.weights], state.get("tokens", tokens()), tokens())
    decoder = torch.load(RUNS / "autoencoder.pt", map_location="cpu")["decoder"]
    # A word that no prompt has used yet has an untrained embedding: it gets that of unknown words, which are ignored.
    table, seen, unknown = weights["text.token_embedding.weight"], seen_ids(), SPECIALS.index("<unk>")
    for i in range(len(table)):
        if i not in seen:
            table[i] = table[unknown]
    words = [word for i, word in enumerate(vocabulary(), len(SPECIALS)) if i in seen]
    known = {word["word"] for word in words}
    words = [word | {"synonyms": [s for s in word["synonyms"] if s in known]} for word in words]
    out.mkdir(parents=True, exist_ok=True)
    (out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    (out / "tokenizer.json").write_text(json.dumps(tokenizer_json(), indent=1) + "\n")
    (out / "vocabulary.json").write_text(json.dumps({"words": words}, indent=1) + "\n")
    for prefix, name in (("text.", "text_encoder"), ("dit.", "dit")):
        safetensors_io.save(out / f"{name}.safetensors", {k[len(prefix):]: v.half() for k, v in weights.items() if k.startswith(prefix)})
    safetensors_io.save(out / "decoder.safetensors", {k: v.half() for k, v in decoder.items()})
    print(f"step {state['step']}, {state['samples']} samples ->", out, sum(f.stat().st_size for f in out.iterdir()), "bytes")


if __name__ == "__main__":
    main()
