import type { MemoryLayout, MemoryModule } from '../module.ts';
import { PaperPolicy } from './paper-policy.ts';

/** `window`, `sink`, `nam` and `nam+sma` as the papers describe them, made precise in docs/model-format.md. */
export function paperMemory({ layers }: MemoryLayout): MemoryModule {
  return Object.assign(new PaperPolicy(layers), {
    mode: 'paper',
    scoring: 'joint-softmax',
    commits: { dit: 'generator', prompt: 'chunk' },
    partialRecache: false,
    record: { attributions: true, evicted: 'told' },
    objection: () => null,
  } as const);
}
