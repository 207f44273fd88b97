"""The causal Wan-style transformer, with the published (prefix-free) key names.

How a chunk attends to its memory is left to an `attend` callable, so that training
(all chunks of a story at once) and inference (one chunk after another) share it.
"""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from .text import RmsNorm

EPS = 1e-6
CHUNK = 3  # latent frames


class Rope:
    """3-D rotary positions: pairs split d/2 - 2*floor(d/6) | floor(d/6) | floor(d/6) over time, height, width."""

    def __init__(self, head_dim: int, rows: int, columns: int, theta: float, table_length: int):
        side = head_dim // 6
        pairs = (head_dim // 2 - 2 * side, side, side)

        def angles(positions, count):
            frequency = theta ** (-torch.arange(count, dtype=torch.float64) / count)  # theta^(-2j/D), D = 2*count
            return torch.outer(positions.double(), frequency)

        time = angles(torch.arange(table_length), pairs[0])
        row = angles(torch.arange(rows).repeat_interleave(columns), pairs[1])
        column = angles(torch.arange(columns).repeat(rows), pairs[2])
        self.time = torch.polar(torch.ones_like(time), time).to(torch.complex64)  # [table, time pairs]
        place = torch.cat([row, column], 1)
        self.place = torch.polar(torch.ones_like(place), place).to(torch.complex64)  # [tokens, row and column pairs]

    def __call__(self, x, times):
        """x [..., tokens, heads, d] of frames at time indices `times` [...], same leading shape."""
        if self.time.device != x.device:
            self.time, self.place = self.time.to(x.device), self.place.to(x.device)
        time = self.time[times][..., None, :].expand(*times.shape, self.place.shape[0], -1)
        return turned(x, torch.cat([time, self.place.expand(*times.shape, -1, -1)], -1))


def turned(x, factor):
    """x [..., tokens, heads, d], its pairs multiplied by complex `factor` [..., tokens, pairs]."""
    pairs = torch.view_as_complex(x.float().unflatten(-1, (-1, 2)))
    return torch.view_as_real(pairs * factor[..., None, :]).flatten(-2).to(x.dtype)


class Attention(nn.Module):
    def __init__(self, dim: int):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(dim, dim) for _ in range(4))
        self.norm_q, self.norm_k = RmsNorm(dim), RmsNorm(dim)


class Gelu(nn.Module):
    """GELU by tanh, as published. bfloat16 cannot tell it from the exact one (they differ by less than 5e-4), whose CPU kernel takes a third of the time."""

    def forward(self, x):
        exact = x.dtype == torch.bfloat16 and x.device.type == "cpu"
        return F.gelu(x, approximate="none" if exact else "tanh")


class Block(nn.Module):
    def __init__(self, dim: int, ffn_dim: int):
        super().__init__()
        self.modulation = nn.Parameter(torch.zeros(1, 6, dim))
        self.self_attn, self.cross_attn = Attention(dim), Attention(dim)
        self.norm3 = nn.LayerNorm(dim, eps=EPS)
        self.ffn = nn.Sequential(nn.Linear(dim, ffn_dim), Gelu(), nn.Linear(ffn_dim, dim))


class Head(nn.Module):
    def __init__(self, dim: int, out: int):
        super().__init__()
        self.modulation = nn.Parameter(torch.zeros(1, 2, dim))
        self.head = nn.Linear(dim, out)


def softmax_attention(q, k, v, bias=None):
    """q [B, Q, H, d], k and v [B, K, H, d] -> [B, Q, H*d]; bias broadcasts to [B, H, Q, K]."""
    q, k, v = (x.transpose(1, 2) for x in (q, k, v))
    if q.requires_grad and q.dtype == torch.bfloat16 and q.device.type == "cpu":
        # The fused kernel's backward pass in bfloat16 takes three to twelve times as long as these products'.
        logits = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        weights = (logits if bias is None else logits + bias).softmax(-1)
        return (weights @ v).transpose(1, 2).flatten(2)
    return F.scaled_dot_product_attention(q, k, v, attn_mask=bias).transpose(1, 2).flatten(2)


class CausalDiT(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        c = config["dit"]
        self.dim, self.heads, self.freq_dim = c["dim"], c["heads"], c["freqDim"]
        channels, stride = config["latent"]["channels"], config["latent"]["spatialStride"]
        self.rows, self.columns = config["video"]["height"] // stride // 2, config["video"]["width"] // stride // 2
        self.patch_embedding = nn.Conv3d(channels, self.dim, (1, 2, 2), stride=(1, 2, 2))
        self.text_embedding = nn.Sequential(nn.Linear(config["text"]["dim"], self.dim), nn.GELU(approximate="tanh"), nn.Linear(self.dim, self.dim))
        self.time_embedding = nn.Sequential(nn.Linear(self.freq_dim, self.dim), nn.SiLU(), nn.Linear(self.dim, self.dim))
        self.time_projection = nn.Sequential(nn.SiLU(), nn.Linear(self.dim, 6 * self.dim))
        self.blocks = nn.ModuleList(Block(self.dim, c["ffnDim"]) for _ in range(c["layers"]))
        self.head = Head(self.dim, 4 * channels)
        self.rope = Rope(self.dim // self.heads, self.rows, self.columns, c["ropeTheta"], c["ropeTableLength"])
        self._start()

    def _start(self):
        """Starts near v = x (the right answer for pure noise): an orthonormal patch embedding and its transpose as head."""
        inputs = self.patch_embedding.weight[0].numel()
        basis = torch.empty(max(self.dim, inputs), min(self.dim, inputs))
        nn.init.orthogonal_(basis)
        basis = basis if self.dim >= inputs else basis.T
        weight = basis.view_as(self.patch_embedding.weight)  # [dim, channel, 1, 2, 2]
        with torch.no_grad():
            self.patch_embedding.weight.copy_(weight)
            self.head.head.weight.copy_(weight[:, :, 0].permute(2, 3, 1, 0).reshape(-1, self.dim) * math.sqrt(inputs / self.dim) * 0.85)
            self.time_projection[1].weight.zero_()
            for part in (self.patch_embedding, self.head.head, self.time_projection[1]):
                part.bias.zero_()
            for block in self.blocks:
                block.modulation[:, 2::3] = 1.0
                for layer in (block.self_attn.o, block.cross_attn.o, block.ffn[2]):
                    layer.weight.zero_()
                    layer.bias.zero_()

    def text_context(self, embeddings):
        """Text embeddings [P, L, text dim] -> what cross-attention sees [P, L, dim]; padding rows are kept."""
        return self.text_embedding(embeddings)

    def text_keys(self, layer: int, context):
        """Cross-attention keys [P, L, heads, d] of a text context."""
        a = self.blocks[layer].cross_attn
        return a.norm_k(a.k(context)).unflatten(-1, (self.heads, -1))

    def time_features(self, timesteps):
        half = self.freq_dim // 2
        angle = timesteps.double()[..., None] * 10000 ** (-torch.arange(half, dtype=torch.float64, device=timesteps.device) / half)
        return torch.cat([angle.cos(), angle.sin()], -1).float()

    def forward(self, latents, timesteps, context, prompt_of, attend, tap=None, asks=None):
        """Velocity [E, F, C, h, w] for entries of F latent frames.

        latents [E, F, C, h, w]; timesteps [E, F] on 0..1000; context [P, L, dim] from `text_context`;
        prompt_of [E] indexes it. attend(layer, q, k, v) gets un-roped [E, F, tokens, heads, d] and
        returns [E, F*tokens, dim]. `tap(layer, hidden)`, if given, sees every layer's output [E, F, tokens, dim];
        `asks(layer, queries)` what cross-attention asks the prompt [E, F*tokens, heads, d].
        """
        x, time = self.blocks_over(self.embed(latents), timesteps, context, prompt_of, attend, tap, asks)
        shift, scale = (self.head.modulation + time[:, :, None]).to(x.dtype)[:, :, :, None].unbind(2)
        out = self.head.head(F.layer_norm(x, (self.dim,), eps=EPS) * (1 + scale) + shift)  # [E, F, tokens, (ph, pw, channel)]
        out = out.view(*latents.shape[:2], self.rows, self.columns, 2, 2, -1).permute(0, 1, 6, 2, 4, 3, 5)
        return out.reshape(*latents.shape[:2], -1, 2 * self.rows, 2 * self.columns)

    def embed(self, latents):
        """The tokens [E, F, tokens, dim] of latents [E, F, C, h, w]."""
        patches = latents.unflatten(-1, (self.columns, 2)).unflatten(-3, (self.rows, 2))  # [E, F, C, rows, 2, columns, 2]
        patches = patches.permute(0, 1, 3, 5, 2, 4, 6).reshape(*latents.shape[:2], self.rows * self.columns, -1)
        # The convolution has stride = kernel, so it is a linear layer on patches, which CPUs run faster.
        return F.linear(patches, self.patch_embedding.weight.flatten(1), self.patch_embedding.bias)

    def blocks_over(self, x, timesteps, context, prompt_of, attend, tap=None, asks=None):
        """What the blocks make of tokens x [E, F, tokens, dim], of whatever frames they are; and the time embedding [E, F, dim]. The rest as in `forward`."""
        entries, frames, tokens = x.shape[:3]
        shape = (entries, frames, tokens, self.heads, -1)
        time = self.time_embedding(self.time_features(timesteps))  # [E, F, dim]
        e0 = self.time_projection(time).unflatten(-1, (6, self.dim))  # [E, F, 6, dim]
        for index, block in enumerate(self.blocks):
            shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = (e0 + block.modulation).to(x.dtype)[:, :, :, None].unbind(2)
            y = F.layer_norm(x, (self.dim,), eps=EPS) * (1 + scale_a) + shift_a
            a = block.self_attn
            q, k, v = a.norm_q(a.q(y)).view(shape), a.norm_k(a.k(y)).view(shape), a.v(y).view(shape)
            x = x + gate_a * a.o(attend(index, q, k, v)).view_as(x)
            a = block.cross_attn
            y = F.layer_norm(x, (self.dim,), block.norm3.weight.to(x.dtype), block.norm3.bias.to(x.dtype), EPS)
            q = a.norm_q(a.q(y)).view(entries, frames * tokens, self.heads, -1)
            if asks is not None:
                asks(index, q)
            k, v = self.text_keys(index, context), a.v(context).unflatten(-1, (self.heads, -1))
            x = x + a.o(softmax_attention(q, k.index_select(0, prompt_of), v.index_select(0, prompt_of))).view_as(x)
            y = F.layer_norm(x, (self.dim,), eps=EPS) * (1 + scale_f) + shift_f
            x = x + gate_f * block.ffn(y)
            if tap is not None:
                tap(index, x)
        return x, time


def nam_scores(text_keys, keys):
    """Retrieval score of candidate frames (docs/model-format.md): text_keys [t, H, d], keys [i, n, H, d] -> [i], sums to 1."""
    count, tokens = keys.shape[:2]
    logits = torch.einsum("thd,inhd->thin", text_keys, keys) * keys.shape[-1] ** -0.5
    weights = logits.flatten(2).float().softmax(-1)
    return weights.unflatten(2, (count, tokens)).sum(-1).mean((0, 1))
