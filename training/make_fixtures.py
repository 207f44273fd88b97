"""Writes the parity fixtures: seeded random weights at tiny sizes, or the trained model.

python3 training/make_fixtures.py                              # tests/fixtures/reference-small, reference-wide, reference-sharp, reference-packed, reference-long, reference-mag, reference-ema-sink and encoder
python3 training/make_fixtures.py --model resources/models/animatic --out training/runs/reference-animatic
python3 training/make_fixtures.py --model resources/models/animatic --adapters --out /tmp/p    # then npm run parity -- /tmp/p/framepack /tmp/p/memorypack /tmp/p/mag
What is in a folder: tests/fixtures/README-reference.md.
"""
import argparse
import copy
import json
import shutil
from pathlib import Path

import torch

from throughline import safetensors_io
from export_encoder import CORRECTIONS, encoder_file
from throughline.autoencoder import Autoencoder, Corrector, Decoder, Encoder, group_frames
from throughline.vocabulary import SPECIALS, tokenizer_json
from throughline.config import animatic
from throughline.dit import CausalDiT
from throughline.ema_sink import EmaSinkEngine
from throughline.inference import Engine, Segment
from throughline.lora import linears
from throughline.mag import MagEngine
from throughline.memorypack import PREFIX, LongMemoryEngine, SemanticPack
from throughline.packs import PUBLISHED, PackedEngine, PackEmbeddings
from throughline.text import TextEncoder

FIXTURES = Path(__file__).parent.parent / "tests" / "fixtures"
STORY = [
    Segment("A red cat walks in the meadow.", "cut", 2),
    Segment("the cat waves", "continue", 2),
    Segment("A blue robot stands in the city at night", "cut", 2),
    Segment("zorp the robot jumps, quickly!", "continue", 1),
    Segment("Back in the meadow, the cat jumps", "cut", 2),
    Segment("the robot waves in the city", "cut", 1),
]
SMALL = {"seed": 11, "video": (48, 32), "dim": 48, "heads": 4, "layers": 2, "ffnDim": 96, "text": (32, 2, 16, 48, 2), "textLength": 16,
         "widths": [12, 8, 8, 8], "half": False,
         "sampler": {"kind": "renoise", "steps": [1000, 750, 500, 250]}, "memory": {"windowFrames": 6, "capacity": 64}}
WIDE = {"seed": 12, "video": (32, 64), "dim": 72, "heads": 3, "layers": 3, "ffnDim": 128, "text": (48, 3, 16, 64, 2), "textLength": 12,
        "widths": [10, 8, 8, 6], "half": True,
        "sampler": {"kind": "euler", "steps": [1000, 800, 400]}, "memory": {"windowFrames": 3, "sinkFrames": 2, "bankFrames": 2, "activatedFrames": 1, "capacity": 4}}

SHARP = SMALL | {"seed": 13, "layers": 1, "half": True, "outputScale": 2}
# Frames of 5 x 5 tokens: at both rates patches reach beyond the edge, and four tokens stand for four frames.
PACKED = SMALL | {"seed": 15, "video": (80, 80), "half": True, "sampler": {"kind": "euler", "steps": [1000, 400]}, "rank": 4}
# As large, with two heads: what is tested beyond the packed history is psi.
LONG = PACKED | {"seed": 17, "heads": 2, "ffnDim": 64}
EMA = SMALL | {"seed": 23, "half": True, "sampler": {"kind": "renoise", "steps": [1000, 500]}}
MAG = WIDE | {"seed": 19, "layers": 2, "rank": 4}
RANDOM = {"reference-small": SMALL, "reference-wide": WIDE, "reference-sharp": SHARP}


def small_tokenizer() -> dict:
    """The tokenizer with only the words of STORY, to keep embeddings tiny."""
    description = tokenizer_json()
    words = {w for segment in STORY for w in segment.prompt.lower().replace(".", " .").replace(",", " ,").split()}
    known = [w for w in description["model"]["vocab"] if w in words]
    description["model"]["vocab"] = {w: i for i, w in enumerate(SPECIALS + known)}
    return description


def randomise(module: torch.nn.Module, generator: torch.Generator):
    """Weights large enough that every part of the computation shows in the result."""
    for name, p in module.named_parameters():
        noise = torch.randn(p.shape, generator=generator)
        if "norm" in name and name.endswith("weight"):
            p.data = 1 + 0.1 * noise
        elif name.endswith("bias"):
            p.data = 0.1 * noise
        elif "modulation" in name or "embedding.weight" in name and p.ndim == 2:
            p.data = 0.4 * noise
        else:
            p.data = noise / p[0].numel() ** 0.5


def random_model(size: dict):
    """(config, tokenizer description, modules) of a seeded random model."""
    config, tokenizer = animatic(), small_tokenizer()
    dim, heads, head_dim, ffn, layers = size["text"]
    config["name"] = "Random reference"
    config["video"] |= {"width": size["video"][0], "height": size["video"][1]}
    config["text"] |= {"vocabSize": len(tokenizer["model"]["vocab"]), "dim": dim, "heads": heads, "headDim": head_dim, "ffnDim": ffn, "layers": layers,
                       "textLength": size["textLength"]}
    config["text"].pop("maxTokens")  # a text so short is read whole
    config["dit"] |= {k: size[k] for k in ("dim", "heads", "layers", "ffnDim")} | {"freqDim": 64}
    config["decoder"] = {"widths": size["widths"]} | ({"outputScale": size["outputScale"]} if "outputScale" in size else {})
    config["sampler"] |= size["sampler"]
    config["memory"] |= size["memory"]
    modules = TextEncoder(config["text"]), CausalDiT(config), Decoder.of(config)
    generator = torch.Generator().manual_seed(size["seed"])
    for module in modules:
        randomise(module, generator)
        if size["half"]:
            module.load_state_dict({k: v.half().float() for k, v in module.state_dict().items()})
    return config, tokenizer, modules


def story_trace(engine: Engine, out: dict, policies=("nam", "nam+sma")) -> dict:
    """Runs STORY under each policy; fills tensors into `out`, returns the JSON trace."""
    config = engine.config
    chunks = sum(s.chunks for s in STORY)
    steps = len(config["sampler"]["steps"]) if config["sampler"]["kind"] == "renoise" else 1
    c, v = config["latent"], config["video"]
    shape = (chunks, steps, engine.chunk_frames, c["channels"], v["height"] // c["spatialStride"], v["width"] // c["spatialStride"])
    # Rounded through fp16, so that the fixture can store them small and exactly.
    noise = torch.randn(shape, generator=torch.Generator().manual_seed(3)).half()
    out["noise"] = noise
    trace: dict = {"story": [vars(s) for s in STORY], "prompts": [], "policies": {}}
    for index, segment in enumerate(STORY):
        prompt = engine.prompt(segment.prompt)
        trace["prompts"].append({"text": segment.prompt, "ids": prompt.ids})
        out[f"text.{index}"] = prompt.embedding
    for policy in policies:
        engine.memory["policy"] = policy
        records: list[dict] = []
        latents = engine.run(STORY, noise=lambda chunk, step: noise[chunk, step].float(), trace=records)
        out[f"latents.{policy}"] = latents
        trace["policies"][policy] = [{**r, "scores": [[round(x, 7) for x in s.tolist()] for s in r["scores"]]} for r in records]
    return trace


def write(folder: Path, config: dict, tokenizer: dict, modules, half: bool, decoded_chunks: int):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, indent=1) + "\n")
    for module, name in zip(modules, ("text_encoder", "dit", "decoder")):
        safetensors_io.save(folder / f"{name}.safetensors", {k: v.half() if half else v for k, v in module.state_dict().items()})
    engine, tensors = Engine(config=copy.deepcopy(config), modules=modules, tokenizer=tokenizer), {}
    trace = story_trace(engine, tensors)
    decoded = engine.decode(tensors["latents.nam"][: 3 * decoded_chunks])
    tensors["decoded"] = decoded.half()
    trace["decodedChunks"] = decoded_chunks
    safetensors_io.save(folder / "tensors.safetensors", {k: v.contiguous() for k, v in tensors.items()})
    (folder / "trace.json").write_text(json.dumps(trace, indent=1) + "\n")
    print(folder, sum(f.stat().st_size for f in folder.iterdir()), "bytes; latent std", float(tensors["latents.nam"].std()))


def write_encoder(folder: Path):
    """Our encoder of random weights, some of them in four bits, and what it makes of a picture and of the four frames after it."""
    generator, (rows, columns) = torch.Generator().manual_seed(14), (2, 3)
    model = Autoencoder([12, 8, 8, 8], 2)
    model.encoder, model.corrector = Encoder(24), Corrector(16, 40)
    randomise(model, generator)
    model.encoder.norm.running_mean = 0.1 * torch.randn(16, generator=generator)
    model.encoder.norm.running_var = 0.5 + torch.rand(16, generator=generator)
    weights = encoder_file(model.eval()) | {k: v.half() for k, v in model.decoder.state_dict().items()}
    model.decoder.load_state_dict({k: v.half().float() for k, v in model.decoder.state_dict().items()})
    pixels = torch.rand(5, 3, 8 * rows, 8 * columns, generator=generator)
    with torch.no_grad():
        encoded = model.looked(group_frames(pixels[None]), CORRECTIONS)[0]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps({"decoderWidths": [12, 8, 8, 8], "outputScale": 2, "grid": [rows, columns]}) + "\n")
    safetensors_io.save(folder / "weights.safetensors", weights)
    safetensors_io.save(folder / "tensors.safetensors", {"pixels": pixels, "encoded": encoded})
    print(folder, sum(f.stat().st_size for f in folder.iterdir()), "bytes; std", float(encoded.std()), [k for k in weights if k.endswith("scales")])


def random_changes(dit: CausalDiT, rank: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
    """Low-rank changes large enough to show in the result."""
    out = {}
    for name, module in linears(dit).items():
        rows, columns = module.weight.shape
        out |= {f"{name}.lora_A.weight": torch.randn(rank, columns, generator=generator) / columns**0.5,
                f"{name}.lora_B.weight": 0.5 * torch.randn(rows, rank, generator=generator) / rank**0.5}
    return out


def random_adapter(config: dict, dit: CausalDiT, rank: int, generator: torch.Generator, sides: dict[int, int] = PUBLISHED) -> dict[str, torch.Tensor]:
    """An adapter of FramePack, in halves."""
    out = random_changes(dit, rank, generator)
    embeddings = PackEmbeddings(config["latent"]["channels"], dit.dim, sides)
    randomise(embeddings, generator)
    return {k: v.half() for k, v in (out | {f"clean_x_embedder.{k}": v for k, v in embeddings.state_dict().items()}).items()}


def random_long_adapter(config: dict, dit: CausalDiT, rank: int, generator: torch.Generator) -> dict[str, torch.Tensor]:
    """An adapter of MemoryPack, in halves; four frames of its packs are one as fine as they are."""
    pack = SemanticPack(dit.dim, dit.heads)
    randomise(pack, generator)
    return random_adapter(config, dit, rank, generator, {1: 1, 2: 2, 4: 1}) | {PREFIX + k: v.half() for k, v in pack.state_dict().items()}


def write_folder(folder: Path, config: dict, tokenizer: dict, modules):
    """A model folder, weights in halves, with an empty folder of adapters."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "adapters").mkdir(exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1) + "\n")
    (folder / "tokenizer.json").write_text(json.dumps(tokenizer, indent=1) + "\n")
    for module, name in zip(modules, ("text_encoder", "dit", "decoder")):
        safetensors_io.save(folder / f"{name}.safetensors", {k: v.half() for k, v in module.state_dict().items()})


def write_packed(folder: Path):
    """A model folder with an adapter, and the story as it comes out with a packed history."""
    config, tokenizer, modules = random_model(PACKED)
    write_folder(folder, config, tokenizer, modules)
    adapter = random_adapter(config, modules[1], PACKED["rank"], torch.Generator().manual_seed(PACKED["seed"] + 1))
    safetensors_io.save(folder / "adapters" / "framepack.safetensors", adapter)
    record_packed(folder, PackedEngine(config=copy.deepcopy(config), modules=modules, tokenizer=tokenizer, adapter=adapter))


def story_noise(engine: Engine, generator: torch.Generator):
    """Noise of STORY's chunks [chunks, frames, C, h, w], in halves, so that it is stored as it is."""
    c, v = engine.config["latent"], engine.config["video"]
    return torch.randn((sum(s.chunks for s in STORY), engine.chunk_frames, c["channels"], v["height"] // 8, v["width"] // 8), generator=generator).half()


def record_packed(folder: Path, engine: PackedEngine):
    """STORY as it comes out with a packed history, into a model's folder."""
    noise, records = story_noise(engine, torch.Generator().manual_seed(3)), []
    latents = engine.run(STORY, noise=lambda chunk, step: noise[chunk].float(), trace=records)
    safetensors_io.save(folder / "tensors.safetensors", {"noise": noise, "latents": latents})
    (folder / "trace.json").write_text(json.dumps({"packed": {"story": [vars(s) for s in STORY], "chunks": records}}, indent=1) + "\n")
    print(folder, sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()), "bytes; latent std", float(latents.std()))


def write_long(folder: Path):
    """A model folder with MemoryPack's adapter, and the story as it comes out: from its first prompt, and from a picture beside it."""
    config, tokenizer, modules = random_model(LONG)
    write_folder(folder, config, tokenizer, modules)
    adapter = random_long_adapter(config, modules[1], LONG["rank"], torch.Generator().manual_seed(LONG["seed"] + 1))
    safetensors_io.save(folder / "adapters" / "memorypack.safetensors", adapter)
    record_long(folder, LongMemoryEngine(config=copy.deepcopy(config), modules=modules, tokenizer=tokenizer, adapter=adapter))


def record_long(folder: Path, engine: LongMemoryEngine):
    """STORY as it comes out with a long memory, from its first prompt, and its beginning from a picture; into a model's folder."""
    generator = torch.Generator().manual_seed(3)
    noise = story_noise(engine, generator)
    picture = torch.randn(noise.shape[2:], generator=generator).half()
    story, out, records = [vars(s) for s in STORY], {"noise": noise, "picture": picture}, {}
    for name, segments, reference in (("prompt", STORY, None), ("picture", STORY[:2], picture.float())):
        told: list[dict] = []
        out[f"latents.{name}"] = engine.run(segments, noise=lambda chunk, step: noise[chunk].float(), trace=told, reference=reference)
        out[f"psi.{name}"] = engine.psi
        records[name] = [{**t, "shares": [[round(x, 5) for x in row] for row in grouped(t["shares"], t["shares"].shape[1] == t["psi"][0], engine.chunk_frames)],
                          "norms": [[round(x, 4) for x in row] for row in t["norms"].tolist()]} for t in told]
    safetensors_io.save(folder / "tensors.safetensors", {k: v.contiguous() for k, v in out.items()})
    (folder / "trace.json").write_text(json.dumps({"long": {"story": story, "chunks": records}}, indent=1) + "\n")
    print(folder, sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()), "bytes; std of latents and psi", float(out["latents.prompt"].std()), float(out["psi.prompt"].std()))


def write_mag(folder: Path):
    """A model folder with MAG's two adapters, and the story as it comes out."""
    config, tokenizer, modules = random_model(MAG)
    write_folder(folder, config, tokenizer, modules)
    generator, adapters = torch.Generator().manual_seed(MAG["seed"] + 1), {}
    for name in ("mag", "mag-memory"):
        adapters[name] = {k: v.half() for k, v in random_changes(modules[1], MAG["rank"], generator).items()}
        safetensors_io.save(folder / "adapters" / f"{name}.safetensors", adapters[name])
    record_mag(folder, MagEngine(config=copy.deepcopy(config), modules=modules, tokenizer=tokenizer, adapter=adapters["mag"], memory_adapter=adapters["mag-memory"]))


def record_mag(folder: Path, engine: MagEngine, halves: bool = True):
    """`halves`: entries are rounded as the app stores them by default. Of trained weights that moves latents by a hundredth of their standard deviation, so they are compared without."""
    engine.halves = halves
    noise, records = story_noise(engine, torch.Generator().manual_seed(3)), []
    latents = engine.run(STORY, noise=lambda chunk, step: noise[chunk].float(), trace=records)
    safetensors_io.save(folder / "tensors.safetensors", {"noise": noise, "latents": latents})
    (folder / "trace.json").write_text(json.dumps({"mag": {"story": [vars(s) for s in STORY], "chunks": records} | ({} if halves else {"storage": "fp32"})}, indent=1) + "\n")
    print(folder, sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()), "bytes; latent std", float(latents.std()))


def write_ema_sink(folder: Path):
    """A model folder with a sink that moves, and the story as it comes out. A sink that moves fast, so that every fusing shows."""
    config, tokenizer, modules = random_model(EMA)
    config["memory"] = {"mode": "ema-sink", "policy": "ema-sink", "sinkFrames": 3, "windowFrames": 3, "bankFrames": 1, "activatedFrames": 1, "capacity": 1,
                        "recordInterval": 1, "sinkAlpha": 0.8, "positions": {"kind": "slots"}}
    write_folder(folder, config, tokenizer, modules)
    engine, rows, columns = EmaSinkEngine(config=copy.deepcopy(config), modules=modules, tokenizer=tokenizer), config["video"]["height"] // 8, config["video"]["width"] // 8
    chunks, steps = sum(s.chunks for s in STORY), len(config["sampler"]["steps"])
    noise = torch.randn((chunks, steps, engine.chunk_frames, config["latent"]["channels"], rows, columns), generator=torch.Generator().manual_seed(3)).half()
    records: list[dict] = []
    latents = engine.run(STORY, noise=lambda chunk, step: noise[chunk, step].float(), trace=records)
    safetensors_io.save(folder / "tensors.safetensors", {"noise": noise, "latents": latents})
    (folder / "trace.json").write_text(json.dumps({"emaSink": {"story": [vars(s) for s in STORY], "chunks": records}}, indent=1) + "\n")
    print(folder, sum(f.stat().st_size for f in folder.rglob("*") if f.is_file()), "bytes; latent std", float(latents.std()))


def grouped(shares, frames: bool, count: int) -> list[list[float]]:
    """Of a psi that a chunk left behind, the shares of its frames; of one that a story begins with, of every token."""
    return (shares.unflatten(1, (count, -1)).sum(2) if frames else shares).tolist()


def record_adapters(source: Path, out: Path):
    """For each adapter of a model a copy of it in `out`, with the story as it comes out under that memory."""
    adapter = lambda name: safetensors_io.load(source / "adapters" / f"{name}.safetensors")  # noqa: E731
    ways = {"framepack": lambda folder: record_packed(folder, PackedEngine(source, adapter=adapter("framepack"))),
            "memorypack": lambda folder: record_long(folder, LongMemoryEngine(source, adapter=adapter("memorypack"))),
            "mag": lambda folder: record_mag(folder, MagEngine(source, adapter=adapter("mag"), memory_adapter=adapter("mag-memory")), halves=False)}
    for name, record in ways.items():
        if (source / "adapters" / f"{name}.safetensors").exists():
            shutil.copytree(source, out / name, dirs_exist_ok=True)
            record(out / name)


OTHERS = {"encoder": write_encoder, "reference-packed": write_packed, "reference-long": write_long, "reference-mag": write_mag, "reference-ema-sink": write_ema_sink}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--model", help="a model folder; without it, the random fixtures are written")
    parser.add_argument("--out", default="training/runs/reference-animatic")
    parser.add_argument("--only", choices=[*RANDOM, *OTHERS], nargs="+", default=[*RANDOM, *OTHERS], help="which of the random ones")
    parser.add_argument("--adapters", action="store_true", help="of the model's memories by adapters, a folder each in --out")
    args = parser.parse_args()
    if args.model:
        source, out = Path(args.model), Path(args.out)
        if args.adapters:
            record_adapters(source, out)
            return
        engine = Engine(source)
        write(out, engine.config, json.loads((source / "tokenizer.json").read_text()), (engine.text, engine.dit, engine.decoder), True, 10)
        return
    for name in args.only:
        if name in OTHERS:
            OTHERS[name](FIXTURES / name)
            continue
        write(FIXTURES / name, *random_model(RANDOM[name]), RANDOM[name]["half"], 2)


if __name__ == "__main__":
    main()
