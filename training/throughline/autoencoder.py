"""A TAEHV-style decoder with the published key names, and the encoder it is trained with.

Latents are [B, T, 16, H/8, W/8] with about unit variance per channel. A latent frame
depends on its own four pixel frames alone (the first latent frame: frame 0 four times),
not on the shot before it.
"""
import copy

import torch
import torch.nn as nn
import torch.nn.functional as F

LATENT_CHANNELS, TEMPORAL_STRIDE = 16, 4
LAST_STAGE = 18  # index of the last upsampling; what comes from there on knows no time
PLAIN_END = 22  # index of the last convolution of a decoder of scale 1
CORRECTIONS = 2  # how often the corrector moves a latent after a look at what the decoder makes of it
DESCENTS = 1.0, 0.75  # what each step of gradient descent after that moves a latent by, as a multiple of its picture's error


class Clamp(nn.Module):
    def forward(self, x):
        return torch.tanh(x / 3) * 3


class MemBlock(nn.Module):
    """ReLU(conv([x, past]) + x); past is this block's input one step earlier."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(2 * width, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1), nn.ReLU(),
                                  nn.Conv2d(width, width, 3, padding=1))

    def forward(self, x, past):
        return F.relu(self.conv(torch.cat([x, past], 1)) + x)


class TGrow(nn.Module):
    """Turns every step into `stride` steps; channel group j becomes substep j."""

    def __init__(self, width: int, stride: int):
        super().__init__()
        self.stride = stride
        self.conv = nn.Conv2d(width, width * stride, 1, bias=False)

    def forward(self, x):
        n, c, h, w = x.shape
        return self.conv(x).reshape(n * self.stride, c, h, w) if self.stride > 1 else self.conv(x)


def side_by_side(narrow: int, wide: int, groups: int) -> torch.Tensor:
    """Where the channels of `groups` equal groups, `narrow` in all, are among `wide`, group by group."""
    return (torch.arange(groups)[:, None] * (wide // groups) + torch.arange(narrow // groups)).flatten()


class Refine(nn.Module):
    """ReLU(conv(x) + x) at the last stage, without memory: where a line runs between two pixels is worked out here. Computes nothing until it is trained."""

    def __init__(self, width: int):
        super().__init__()
        self.conv = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, width, 3, padding=1))
        nn.init.zeros_(self.conv[2].weight)
        nn.init.zeros_(self.conv[2].bias)

    def forward(self, x):
        return F.relu(self.conv(x) + x)


class Decoder(nn.Module):
    """`decoder.i` as in the published TAEHV; widths [a, b, c, d] of the four stages.

    `scale` (`decoder.outputScale`): pixels drawn a pixel of the frame, each way. 1 is the published layout. Above that a `Refine` follows
    the last stage, and the last convolution makes `scale` x `scale` pixels of each of its own, which depth-to-space lays out.
    """

    def __init__(self, widths, scale: int = 1):
        super().__init__()
        a, b, c, d = widths
        self.scale = scale
        end = (nn.Conv2d(d, 3, 3, padding=1),) if scale == 1 else (Refine(d), nn.Conv2d(d, 3 * scale**2, 3, padding=1), nn.PixelShuffle(scale))
        self.decoder = nn.Sequential(
            Clamp(), nn.Conv2d(LATENT_CHANNELS, a, 3, padding=1), nn.ReLU(),
            MemBlock(a), MemBlock(a), MemBlock(a), nn.Upsample(scale_factor=2), TGrow(a, 1), nn.Conv2d(a, b, 3, padding=1, bias=False),
            MemBlock(b), MemBlock(b), MemBlock(b), nn.Upsample(scale_factor=2), TGrow(b, 2), nn.Conv2d(b, c, 3, padding=1, bias=False),
            MemBlock(c), MemBlock(c), MemBlock(c), nn.Upsample(scale_factor=2), TGrow(c, 2), nn.Conv2d(c, d, 3, padding=1, bias=False),
            nn.ReLU(), *end)

    @classmethod
    def of(cls, config: dict) -> "Decoder":
        """The decoder that a model's config.json describes."""
        return cls(config["decoder"]["widths"], config["decoder"].get("outputScale", 1))

    def take(self, narrow: dict[str, torch.Tensor]):
        """Loads weights of the same or smaller widths so that the result computes what they do: channels that were added feed no older one yet.

        Those of a decoder of scale 1 are taken by one of any scale, which then draws what they drew, every pixel `scale` x `scale` times.
        Raises ValueError where they are wider, or of another scale.
        """
        own = self.state_dict()
        if narrow.keys() != own.keys():
            if self.scale == 1 or f"decoder.{PLAIN_END}.weight" not in narrow:
                raise ValueError(f"these weights are of another decoder.outputScale than {self.scale}, and not of 1")
            ends = {f"decoder.{PLAIN_END + 1}.{part}": narrow[f"decoder.{PLAIN_END}.{part}"].repeat_interleave(self.scale**2, 0) for part in ("weight", "bias")}
            refine = {name: weight.clone() for name, weight in own.items() if name.startswith(f"decoder.{PLAIN_END}.")}
            narrow = {name: weight for name, weight in narrow.items() if not name.startswith(f"decoder.{PLAIN_END}.")} | ends | refine
        for name, weight in narrow.items():
            wide = own[name]
            if any(n > w for n, w in zip(weight.shape, wide.shape)):
                raise ValueError(f"{name} is {list(weight.shape)}, wider than this decoder's {list(wide.shape)}: take a decoder at least as wide (throughline/config.py)")
            there = [torch.arange(n) for n in weight.shape]
            layer, inner = self.decoder[int(name.split(".")[1])], name.split(".")[2:]
            if isinstance(layer, MemBlock) and inner[:2] == ["conv", "0"] and weight.ndim > 1:
                there[1] = side_by_side(weight.shape[1], wide.shape[1], 2)  # x, past
            if isinstance(layer, TGrow):
                there[0] = side_by_side(weight.shape[0], wide.shape[0], layer.stride)
            if weight.ndim > 1:
                wide[there[0]] = 0
            wide[torch.meshgrid(*there, indexing="ij")] = weight
        self.load_state_dict(own)

    def forward(self, latent, memory: list | None = None, still: bool = False):
        """latent [B, T, 16, h, w] -> frames [B, 4T, 3, 8h * scale, 8w * scale], not clamped; `memory` (nine inputs or None) is updated in place.

        A stream starts with `memory` = [None] * 9; drop its first three frames. `still`: as if what it starts with had been there before.
        """
        return self.end(self.features(latent, memory, still)).unflatten(0, (latent.shape[0], -1))

    def features(self, latent, memory: list | None = None, still: bool = False):
        """What the last MemBlock says of latents [B, T, 16, h, w]: [B * 2T, c, 4h, 4w], each of two frames. What follows it knows no time."""
        batch = latent.shape[0]
        x = latent.flatten(0, 1).contiguous(memory_format=torch.channels_last)
        slot = 0
        for layer in self.decoder[:LAST_STAGE]:
            if isinstance(layer, MemBlock):
                steps = x.unflatten(0, (batch, -1))  # [B, steps, C, h, w]
                nothing = steps[:, :1] if still else torch.zeros_like(steps[:, :1])
                first = nothing if memory is None or memory[slot] is None else memory[slot]
                past = torch.cat([first, steps[:, :-1]], 1)
                if memory is not None:
                    memory[slot] = steps[:, -1:].detach()
                slot += 1
                x = layer(x, past.flatten(0, 1).contiguous(memory_format=torch.channels_last))
            elif isinstance(layer, nn.Upsample):
                pending_upsample = layer
            elif isinstance(layer, TGrow):
                # A 1x1 convolution commutes with nearest upsampling and is four times cheaper before it.
                x = pending_upsample(layer(x).contiguous(memory_format=torch.channels_last))
            else:
                x = layer(x)
        return x

    def end(self, features):
        """Frames [2N, 3, 8h * scale, 8w * scale] of features [N, c, 4h, 4w]."""
        upsample, grow, *rest = self.decoder[LAST_STAGE:]
        x = upsample(grow(features).contiguous(memory_format=torch.channels_last))
        for layer in rest:
            x = layer(x)
        return x


def scale_of(decoder: dict[str, torch.Tensor]) -> int:
    """The scale of the decoder that these weights are of."""
    pixels = decoder.get(f"decoder.{PLAIN_END + 1}.weight")
    return 1 if pixels is None else round((len(pixels) / 3) ** 0.5)


class Residual(nn.Module):
    def __init__(self, width: int):
        super().__init__()
        self.a, self.b = nn.Conv2d(width, width, 3, padding=1), nn.Conv2d(width, width, 3, padding=1)

    def forward(self, x):
        return x + self.b(F.relu(self.a(F.relu(x))))


class Encoder(nn.Module):
    """The first look: frames [B, T, 4, 3, H, W] in 0..1 -> latents [B, T, 16, H/8, W/8], normalised by running statistics."""

    def __init__(self, width: int = 128):
        super().__init__()
        self.frame1 = nn.Conv2d(12, 32, 3, padding=1)
        self.frame2 = nn.Conv2d(32, 32, 3, stride=2, padding=1)
        self.mid = nn.Sequential(nn.Conv2d(128, width, 3, padding=1), Residual(width), nn.ReLU(), nn.Conv2d(width, width, 3, stride=2, padding=1),
                                 Residual(width), Residual(width), nn.ReLU())
        self.pixels = nn.Conv2d(12 * 4 * TEMPORAL_STRIDE, width, 3, padding=1)  # what frame2 left out, straight from all four frames
        self.fine, self.coarse = (nn.Sequential(*(Residual(width) for _ in range(count))) for count in (2, 3))
        self.out = nn.Conv2d(width, LATENT_CHANNELS, 3, padding=1)
        self.norm = nn.BatchNorm2d(LATENT_CHANNELS, affine=False, momentum=0.02)
        for silent in (self.pixels, *(block.b for block in (*self.fine, *self.coarse))):
            nn.init.zeros_(silent.weight)
            nn.init.zeros_(silent.bias)

    def take(self, weights: dict[str, torch.Tensor]):
        """Loads weights, also of an encoder from before `pixels`, `fine` and `coarse`, which then compute nothing yet."""
        self.load_state_dict({k: v for k, v in self.state_dict().items() if k.startswith(("pixels.", "fine.", "coarse."))} | weights)

    def folded(self) -> dict[str, torch.Tensor]:
        """Its weights without `norm`, which the last convolution takes over."""
        scale, weights = (self.norm.running_var + self.norm.eps).rsqrt(), {k: v for k, v in self.state_dict().items() if not k.startswith("norm.")}
        weights["out.weight"] = weights["out.weight"] * scale[:, None, None, None]
        weights["out.bias"] = (weights["out.bias"] - self.norm.running_mean) * scale
        return weights

    def forward(self, frames):
        batch, steps = frames.shape[:2]
        flat = frames.flatten(0, 2) - 0.5
        x = F.relu(self.frame2(F.relu(self.frame1(F.pixel_unshuffle(flat, 2).contiguous(memory_format=torch.channels_last)))))
        features, pixels = (y.unflatten(0, (batch * steps, TEMPORAL_STRIDE)).flatten(1, 2).contiguous(memory_format=torch.channels_last) for y in (x, F.pixel_unshuffle(flat, 4)))
        x = self.fine(self.mid[1](self.mid[0](features) + self.pixels(pixels)))
        x = self.out(F.relu(self.coarse(self.mid[2:6](x))))
        return self.norm(x.float()).unflatten(0, (batch, steps))


class Corrector(nn.Module):
    """Another look: moves a latent [B, T, 16, h, w] by what the decoder made of it, `drawn`, lacks of the frames [B, T, 4, 3, H, W]."""

    def __init__(self, fine: int = 128, coarse: int = 192):
        super().__init__()
        self.pixels = nn.Conv2d(2 * 12 * 4 * TEMPORAL_STRIDE, fine, 3, padding=1)
        self.fine, self.coarse = (nn.Sequential(*(Residual(width) for _ in range(count))) for width, count in ((fine, 2), (coarse, 3)))
        self.down, self.latent = nn.Conv2d(fine, coarse, 3, stride=2, padding=1), nn.Conv2d(LATENT_CHANNELS, coarse, 3, padding=1)
        self.out = nn.Conv2d(coarse, LATENT_CHANNELS, 3, padding=1)
        nn.init.zeros_(self.out.weight)
        nn.init.zeros_(self.out.bias)

    def forward(self, latent, frames, drawn):
        batch, steps = latent.shape[:2]
        both = torch.stack([frames - 0.5, 4 * (frames - drawn)], 2).flatten(0, 1).flatten(1, 3)  # lacks are small beside frames
        x = self.down(F.relu(self.fine(self.pixels(F.pixel_unshuffle(both, 4).contiguous(memory_format=torch.channels_last)))))
        x = x + self.latent(latent.flatten(0, 1).contiguous(memory_format=torch.channels_last))
        return latent + self.out(F.relu(self.coarse(x))).float().unflatten(0, (batch, steps))


class Autoencoder(nn.Module):
    """Encodes, and corrects the latent after a look at what the decoder makes of it (iterative amortized inference, Marino et al. 2018).

    `forward` is what is trained, and what a generator learns; `encode` gets more out of the same decoder, and takes two to three times as long.
    The app takes `looked`, from weights in four bits (`export_encoder.py`); it needs no slope.
    """

    def __init__(self, widths, scale: int = 1):
        super().__init__()
        self.encoder, self.corrector, self.decoder = Encoder(), Corrector(), Decoder(widths, scale)

    @classmethod
    def of(cls, state: dict) -> "Autoencoder":
        """The autoencoder of a checkpoint, whatever its decoder's sizes."""
        decoder = state["decoder"]
        convolutions = [decoder[f"decoder.{i}.weight"].shape[0] for i in (1, 8, 14, 20)]
        model = cls(convolutions, scale_of(decoder))
        model.take(state)
        return model

    def take(self, state: dict):
        """Loads a checkpoint, also one without a corrector, which then corrects nothing yet, or without an encoder, which then has to be trained."""
        self.encoder.take(state.get("encoder", self.encoder.state_dict()))
        self.corrector.load_state_dict(state.get("corrector", self.corrector.state_dict()))
        self.decoder.take(state["decoder"])

    def state(self) -> dict:
        """What `take` takes."""
        return {name: part.state_dict() for name, part in self.named_children()}

    def frozen(self) -> "Autoencoder":
        """A copy that is not trained."""
        return copy.deepcopy(self).requires_grad_(False).eval()

    def forward(self, frames):
        """Frames [B, T, 4, 3, H, W] in 0..1 -> latents [B, T, 16, H/8, W/8], as they are trained."""
        return self.looked(frames, CORRECTIONS)

    def looked(self, frames, corrections: int):
        """As `forward`, with so many corrections."""
        latent = self.encoder(frames)
        for _ in range(corrections):
            with torch.no_grad():
                drawn = self.drawn(latent.detach())
            latent = self.corrector(latent, frames, drawn)
        return latent

    def drawn(self, latent):
        """What the decoder makes of every latent [B, T, 16, h, w] alone, at the size of the frame: [B, T, 4, 3, 8h, 8w]."""
        return self.framed(self.decoder(latent.flatten(0, 1)[:, None], still=True).float()).unflatten(0, latent.shape[:2]).squeeze(2)

    def framed(self, pictures):
        """What was drawn [B, T, 3, H * scale, W * scale], averaged down to the frame [B, T, 3, H, W]."""
        return F.avg_pool2d(pictures.flatten(0, 1), self.decoder.scale).unflatten(0, pictures.shape[:2])

    def encode(self, frames):
        """Frames [B, T, 4, 3, H, W] in 0..1 -> latents [B, T, 16, H/8, W/8]: those of `forward`, which then go down the slope of the squared error.

        Each moves by a root mean square of DESCENTS times that of its picture's error, so that one which is drawn well hardly moves.
        """
        latent = self(frames).detach().float()
        for step in DESCENTS:
            with torch.enable_grad():
                latent.requires_grad_(True)
                error = (self.drawn(latent) - frames).square().mean((2, 3, 4, 5))
                slope, = torch.autograd.grad(error.sum(), latent)
            size = step * error.detach().sqrt()[:, :, None, None, None]
            latent = latent.detach() - size * slope / slope.square().mean((2, 3, 4), keepdim=True).sqrt().clamp_min(1e-12)
        return latent


def group_frames(frames: torch.Tensor) -> torch.Tensor:
    """[B, 4T-3, 3, H, W] -> [B, T, 4, 3, H, W]: the first frame four times, then fours."""
    first = frames[:, :1].repeat(1, TEMPORAL_STRIDE, 1, 1, 1)
    return torch.cat([first, frames[:, 1:]], 1).unflatten(1, (-1, TEMPORAL_STRIDE))
