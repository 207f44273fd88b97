import { damaged } from './byte-source.ts';
import type { TorchEntry } from './containers/torch.ts';
import type { StoredTensor } from './stored-tensor.ts';

export type TensorTable = ReadonlyMap<string, StoredTensor>;

/** Dictionaries that checkpoints keep their weights in, the wanted ones first. */
const roots = ['generator_ema', 'ema', 'generator', 'generator_lora', 'model', 'state_dict', 'module'] as const;
const emaRoots: readonly string[] = ['generator_ema', 'ema'];

/** Which of a checkpoint's dictionaries was taken. */
export interface ChosenRoot {
  /** Empty where tensors lie at the top. */
  readonly root: string;
  /** Other dictionaries with tensors. */
  readonly others: readonly string[];
  readonly tensors: TensorTable;
}

/**
 * Chooses among the dictionaries of a checkpoint and strips what wrappers left in the names.
 * @param ema whether averaged weights are wanted where a file has both
 */
export function chooseRoot(name: string, entries: readonly TorchEntry[], ema = true): ChosenRoot {
  const byRoot = Map.groupBy(entries, ({ path }) => (path.length > 1 ? (path[0] as string) : ''));
  const found = [...byRoot.keys()];
  const order = (root: string): number => {
    const place = (roots as readonly string[]).indexOf(root);
    if (root === '') return roots.length;
    if (place < 0) return roots.length + 1;
    return !ema && emaRoots.includes(root) ? roots.length - 0.5 : place;
  };
  // Of equals (dictionaries that no one has named), the one with the most tensors.
  const [root] = found.sort(
    (a, b) => order(a) - order(b) || (byRoot.get(b)?.length ?? 0) - (byRoot.get(a)?.length ?? 0),
  );
  const tensors = new Map<string, StoredTensor>();
  for (const { path, tensor } of byRoot.get(root as string) ?? []) {
    const key = canonicalName((root === '' ? path : path.slice(1)).join('.'));
    if (tensors.has(key)) throw damaged(name, `it has two tensors called ${key}`);
    tensors.set(key, tensor);
  }
  return {
    root: root as string,
    others: found.filter((other) => other !== root && other !== ''),
    tensors: translated(tensors),
  };
}

/** What wrappers leave in the middle of names, and in front of them, in any nesting. */
const wrappers = /_fsdp_wrapped_module\.|_checkpoint_wrapped_module\.|_orig_mod\./g;
const prefixes =
  /^(?:generator_ema\.|generator\.|state_dict\.|module\.|model\.diffusion_model\.|diffusion_model\.|base_model\.model\.|base_model\.|model\.)+/;

function canonicalName(name: string): string {
  return name.replaceAll(wrappers, '').replace(prefixes, '');
}

const diffusers: readonly (readonly [RegExp, string])[] = [
  [/^condition_embedder\.(time|text)_embedder\.linear_1\./, '$1_embedding.0.'],
  [/^condition_embedder\.(time|text)_embedder\.linear_2\./, '$1_embedding.2.'],
  [/^condition_embedder\.time_proj\./, 'time_projection.1.'],
  [/\.attn1\./, '.self_attn.'],
  [/\.attn2\./, '.cross_attn.'],
  [/\.to_([qkv])\./, '.$1.'],
  [/\.to_out\.0\./, '.o.'],
  [/\.ffn\.net\.0\.proj\./, '.ffn.0.'],
  [/\.ffn\.net\.2\./, '.ffn.2.'],
  [/^(blocks\.\d+)\.norm2\./, '$1.norm3.'],
  [/^(blocks\.\d+)\.scale_shift_table$/, '$1.modulation'],
  [/^scale_shift_table$/, 'head.modulation'],
  [/^proj_out\./, 'head.head.'],
];
const huggingFaceText: readonly (readonly [RegExp, string])[] = [
  [/^shared\./, 'token_embedding.'],
  [/^encoder\.block\.(\d+)\.layer\.0\.SelfAttention\.relative_attention_bias\./, 'blocks.$1.pos_embedding.embedding.'],
  [/^encoder\.block\.(\d+)\.layer\.0\.SelfAttention\.([qkvo])\./, 'blocks.$1.attn.$2.'],
  [/^encoder\.block\.(\d+)\.layer\.0\.layer_norm\./, 'blocks.$1.norm1.'],
  [/^encoder\.block\.(\d+)\.layer\.1\.DenseReluDense\.wi_0\./, 'blocks.$1.ffn.gate.0.'],
  [/^encoder\.block\.(\d+)\.layer\.1\.DenseReluDense\.wi_1\./, 'blocks.$1.ffn.fc1.'],
  [/^encoder\.block\.(\d+)\.layer\.1\.DenseReluDense\.wo\./, 'blocks.$1.ffn.fc2.'],
  [/^encoder\.block\.(\d+)\.layer\.1\.layer_norm\./, 'blocks.$1.norm2.'],
  [/^encoder\.final_layer_norm\./, 'norm.'],
];
/** A copy of `shared.weight` that some files carry. */
const copies = new Set(['encoder.embed_tokens.weight', 'lm_head.weight']);

/** Names of other libraries become the published ones. */
function translated(tensors: TensorTable): TensorTable {
  const names = [...tensors.keys()];
  const has = (pattern: RegExp): boolean => names.some((name) => pattern.test(name));
  if (has(/^condition_embedder\.|\.attn1\.to_q\./)) return renamed(tensors, diffusers);
  if (has(/^encoder\.block\.0\.layer\.0\.SelfAttention\./)) {
    return renamed(new Map([...tensors].filter(([name]) => !copies.has(name))), huggingFaceText);
  }
  return tensors;
}

function renamed(tensors: TensorTable, rules: readonly (readonly [RegExp, string])[]): TensorTable {
  return new Map(
    [...tensors].map(([name, tensor]) => [rules.reduce((now, [from, to]) => now.replace(from, to), name), tensor]),
  );
}
