"""Draws the loss curves of runs as one small PNG, with Pillow alone.

python3 training/curves.py --out docs/training/loss-curves.png
python3 training/curves.py --generator fewstep --out docs/training/loss-curves-fewstep.png
A run whose log (training/runs/<name>.jsonl) is not there gets no picture.
"""
import argparse
import json
from pathlib import Path

from PIL import Image, ImageDraw

RUNS = Path(__file__).parent / "runs"
WIDTH, HEIGHT, MARGIN = 420, 240, 36
COLOURS = [(32, 92, 180), (214, 90, 40), (40, 140, 80), (140, 60, 160)]


def panel(title: str, series: dict[str, list[tuple[float, float]]]) -> Image.Image:
    """One chart: series of (x, y) points with their names."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "white")
    draw = ImageDraw.Draw(image)
    points = [p for line in series.values() for p in line]
    x0, x1 = min(p[0] for p in points), max(p[0] for p in points)
    y0, y1 = 0.0, max(p[1] for p in points)

    def place(p):
        return (MARGIN + (p[0] - x0) / max(x1 - x0, 1e-9) * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - (p[1] - y0) / max(y1 - y0, 1e-9) * (HEIGHT - 2 * MARGIN))

    draw.line([(MARGIN, MARGIN), (MARGIN, HEIGHT - MARGIN), (WIDTH - MARGIN, HEIGHT - MARGIN)], fill=(120, 120, 120))
    draw.text((MARGIN, 8), title, fill=(0, 0, 0))
    draw.text((4, MARGIN - 6), f"{y1:.2f}", fill=(90, 90, 90))
    draw.text((4, HEIGHT - MARGIN - 6), f"{y0:.0f}", fill=(90, 90, 90))
    draw.text((WIDTH - 2 * MARGIN, HEIGHT - MARGIN + 6), f"step {x1:.0f}", fill=(90, 90, 90))
    for i, (name, line) in enumerate(series.items()):
        draw.line([place(p) for p in line], fill=COLOURS[i % len(COLOURS)], width=2)
        draw.text((WIDTH - 130, 104 + 14 * i), name, fill=COLOURS[i % len(COLOURS)])
    return image


def read(name: str) -> list[dict]:
    path = RUNS / f"{name}.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", default="docs/training/loss-curves.png")
    parser.add_argument("--autoencoder", default="autoencoder")
    parser.add_argument("--generator", default="generator")
    args = parser.parse_args()
    auto, generator = read(args.autoencoder), read(args.generator)

    def line(rows, key):
        return [(r["step"], r[key]) for r in rows if key in r]

    panels = []
    if auto:
        panels.append(panel(f"{args.autoencoder}: loss", {"loss": line(auto, "loss")}))
    if generator:
        panels += [panel(f"{args.generator}: flow loss", {"all": line(generator, "flow"), "sigma > 0.9": line(generator, "flow_high"), "sigma < 0.8": line(generator, "flow_low")}),
                   panel("retrieval", {"loss": line(generator, "retrieval"), "right at rank 1": line(generator, "hit")})]
        paired = {key: line(generator, f"pair_{key}") for key in ("species", "colour", "action", "accessory")}
        if all(paired.values()):
            panels.append(panel("label head, two characters in a shot", paired))
    if not panels:
        parser.error(f"no log of {args.autoencoder} or {args.generator} in {RUNS}")
    sheet = Image.new("RGB", (WIDTH * len(panels), HEIGHT))
    for i, picture in enumerate(panels):
        sheet.paste(picture, (i * WIDTH, 0))
    Path(args.out).parent.mkdir(parents=True, exist_ok=True)
    sheet.save(args.out)


if __name__ == "__main__":
    main()
