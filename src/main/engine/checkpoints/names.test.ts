import { expect, it } from 'vitest';
import { familyOf } from './families.ts';
import { chooseRoot } from './names.ts';
import type { StoredTensor } from './stored-tensor.ts';

const source = { name: 'x', sizeBytes: 0, read: () => Buffer.alloc(0), readInto: () => {} };
const tensor = (...shape: number[]): StoredTensor => ({ source, type: 'F32', shape, offsetBytes: 0, strides: null });
const named = (names: readonly string[], ema = true): string[] => [
  ...chooseRoot(
    'x',
    names.map((name) => ({ path: name.split('/'), tensor: tensor(1) })),
    ema,
  ).tensors.keys(),
];

it.each([
  ['model.diffusion_model.blocks.0.norm3.weight', 'blocks.0.norm3.weight'],
  ['generator/model._fsdp_wrapped_module.blocks.0._checkpoint_wrapped_module.norm3.weight', 'blocks.0.norm3.weight'],
  ['state_dict/module.model._orig_mod.head.head.bias', 'head.head.bias'],
  ['generator_lora/base_model.model.blocks.1.ffn.0.lora_A.weight', 'blocks.1.ffn.0.lora_A.weight'],
])('%s is %s', (name, wanted) => {
  expect(named([name])).toEqual([wanted]);
});

it('translates the names of diffusers, where norm2 is our norm3', () => {
  const names = [
    'condition_embedder.time_embedder.linear_1.weight',
    'condition_embedder.text_embedder.linear_2.bias',
    'condition_embedder.time_proj.weight',
    'blocks.3.attn1.to_q.weight',
    'blocks.3.attn2.to_out.0.bias',
    'blocks.3.attn1.norm_k.weight',
    'blocks.3.ffn.net.0.proj.weight',
    'blocks.3.ffn.net.2.bias',
    'blocks.3.norm2.weight',
    'blocks.3.scale_shift_table',
    'scale_shift_table',
    'proj_out.weight',
    'patch_embedding.weight',
  ];
  expect(named(names)).toEqual([
    'time_embedding.0.weight',
    'text_embedding.2.bias',
    'time_projection.1.weight',
    'blocks.3.self_attn.q.weight',
    'blocks.3.cross_attn.o.bias',
    'blocks.3.self_attn.norm_k.weight',
    'blocks.3.ffn.0.weight',
    'blocks.3.ffn.2.bias',
    'blocks.3.norm3.weight',
    'blocks.3.modulation',
    'head.modulation',
    'head.head.weight',
    'patch_embedding.weight',
  ]);
});

it('translates the names of Hugging Face for UMT5, copies left out', () => {
  const block = 'encoder.block.7.layer';
  const names = [
    'shared.weight',
    'encoder.embed_tokens.weight',
    'encoder.block.0.layer.0.SelfAttention.q.weight',
    `${block}.0.SelfAttention.relative_attention_bias.weight`,
    `${block}.0.layer_norm.weight`,
    `${block}.1.DenseReluDense.wi_0.weight`,
    `${block}.1.DenseReluDense.wi_1.weight`,
    `${block}.1.DenseReluDense.wo.weight`,
    `${block}.1.layer_norm.weight`,
    'encoder.final_layer_norm.weight',
  ];
  expect(named(names)).toEqual([
    'token_embedding.weight',
    'blocks.0.attn.q.weight',
    'blocks.7.pos_embedding.embedding.weight',
    'blocks.7.norm1.weight',
    'blocks.7.ffn.gate.0.weight',
    'blocks.7.ffn.fc1.weight',
    'blocks.7.ffn.fc2.weight',
    'blocks.7.norm2.weight',
    'norm.weight',
  ]);
});

it('chooses a dictionary, and says what else there was', () => {
  const entries = ['generator/a', 'generator_ema/a', 'critic/a', 'critic/b'].map((name) => ({
    path: name.split('/'),
    tensor: tensor(1),
  }));
  expect(chooseRoot('x', entries)).toMatchObject({ root: 'generator_ema', others: ['generator', 'critic'] });
  expect(chooseRoot('x', entries, false)).toMatchObject({ root: 'generator', others: ['generator_ema', 'critic'] });
  expect(() => named(['model.a', 'module.a'])).toThrow(/two tensors called a/);
});

it.each<[Record<string, number[]>, RegExp]>([
  [{ 'patch_embedding.weight': [1536, 36, 1, 2, 2], 'blocks.0.self_attn.q.weight': [1, 1] }, /an image-to-video model/],
  [
    { 'patch_embedding.weight': [3072, 48, 1, 2, 2], 'blocks.0.self_attn.q.weight': [1, 1] },
    /a Wan 2\.2 model, whose latents have 48/,
  ],
  [{ 'patch_embedding.weight': [5120, 16, 1, 2, 2], 'blocks.0.self_attn.q.weight': [1, 1] }, /14 billion parameters/],
  [{ 'vace_blocks.0.before_proj.weight': [1, 1], 'patch_embedding.weight': [1536, 16, 1, 2, 2] }, /a VACE model/],
  [{ 'double_blocks.0.img_attn.qkv.weight': [1] }, /another family/],
  [{ 'decoder.conv1.weight': [1], 'conv2.weight': [48, 48, 1, 1, 1] }, /VAE of Wan 2\.2/],
  [{ 'decoder.mid_block.resnets.0.conv1.weight': [1] }, /names of diffusers/],
  [
    {
      'token_embedding.weight': [8, 4],
      'blocks.0.attn.q.weight': [4, 4],
      'blocks.1.attn.q.weight': [4, 4],
      'blocks.0.pos_embedding.embedding.weight': [32, 2],
    },
    /a T5 text encoder and not the UMT5/,
  ],
  [{ 'something.else': [3] }, /a model that Throughline does not know/],
])('names what it does not run as what it is: %j', (shapes, says) => {
  const tensors = new Map(Object.entries(shapes).map(([name, shape]) => [name, tensor(...shape)]));
  expect(() => familyOf('file.safetensors', tensors)).toThrow(says);
  expect(() => familyOf('file.safetensors', tensors)).toThrow(/^file\.safetensors /);
});
