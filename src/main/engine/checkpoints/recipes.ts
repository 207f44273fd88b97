import { ThroughlineError } from '../../../shared/errors.ts';
import type { ModelConfig } from '../model/config.ts';
import type { ModelSettings } from './model-parts.ts';

/** How the authors of published weights run them; what the weights themselves do not say. */
export interface Recipe {
  readonly id: string;
  readonly name: string;
  /** Repository of the generator, as its project names it. */
  readonly repository: string;
  readonly settings: ModelSettings;
}

const base = {
  video: { width: 832, height: 480, fps: 16 },
  textLength: 512,
  sampler: { kind: 'renoise', steps: [1000, 750, 500, 250], shift: 5, chunkFrames: 3 },
} as const;

const released: ModelConfig['memory'] = {
  mode: 'released',
  policy: 'nam',
  sinkFrames: 3,
  windowFrames: 6, // of 12 frames of local attention, three are sink and three the chunk itself
  bankFrames: 3,
  activatedFrames: 3,
  capacity: 3,
  recordInterval: 3,
  pipeline: 'interactive',
  positions: { kind: 'absolute' },
};
/** Local attention over 21 frames, the chunk's three among them. */
const window: ModelConfig['memory'] = { ...released, policy: 'window', sinkFrames: 0, windowFrames: 18 };
const mag: ModelConfig['memory'] = {
  ...released,
  mode: 'mag',
  sinkFrames: 2,
  windowFrames: 1,
  bankFrames: 1,
  capacity: 21,
};

/** Of nine frames of local attention, three are the sink and three the chunk itself (decision 186). */
const emaSink: ModelConfig['memory'] = {
  ...released,
  mode: 'ema-sink',
  policy: 'ema-sink',
  windowFrames: 3,
  bankFrames: 1,
  activatedFrames: 1,
  capacity: 1,
  recordInterval: 1,
  sinkAlpha: 0.999,
  positions: { kind: 'slots' },
};

const recipe = (id: string, name: string, repository: string, memory: ModelConfig['memory']): Recipe => ({
  id,
  name,
  repository,
  settings: { ...base, sampler: { ...base.sampler, steps: [...base.sampler.steps] }, memory },
});

export const recipes: readonly Recipe[] = [
  recipe('memflow', 'MemFlow', 'KlingTeam/MemFlow', released),
  recipe('longlive', 'LongLive', 'Efficient-Large-Model/LongLive-1.3B', { ...released, policy: 'sink' }),
  recipe('self-forcing', 'Self-Forcing', 'gdhe17/Self-Forcing', window),
  recipe('causal-forcing', 'Causal Forcing', 'zhuhz22/Causal-Forcing', window),
  recipe('reward-forcing', 'Reward Forcing', 'JaydenLu666/Reward-Forcing-T2V-1.3B', emaSink),
  recipe('mag', 'MAG', 'xilluill/MAG', mag),
];

/** @throws ThroughlineError `bad-input` naming those there are */
export function recipeOf(id: string): Recipe {
  const found = recipes.find((one) => one.id === id);
  if (found) return found;
  throw new ThroughlineError(
    'bad-input',
    `There is no recipe called ${id}.`,
    `There are: ${recipes.map((one) => one.id).join(', ')}.`,
  );
}
