import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { DeviceName } from '../../../shared/render.ts';
import type { ParityReport } from './compare.ts';
import { decoderParity, wanVaeParity } from './decoder-parity.ts';
import { magParity } from './mag-parity.ts';
import { textParity } from './module-parity.ts';
import { releasedParity } from './released-parity.ts';
import { storyParity } from './story-parity.ts';

/**
 * Finds out from a folder's files what was recorded there, runs it, and compares.
 * @param most of a story, only so many chunks: for slow devices
 */
export async function checkParity(
  folder: string,
  device: DeviceName,
  most = Number.POSITIVE_INFINITY,
): Promise<ParityReport> {
  const file = (name: string): string => join(folder, name);
  if (!existsSync(file('tensors.safetensors'))) {
    throw new ThroughlineError(
      'bad-input',
      `${folder} holds no recorded outputs (tensors.safetensors).`,
      'See tests/fixtures/README.md for the layout.',
    );
  }
  if (existsSync(file('trace.json'))) {
    const trace: unknown = JSON.parse(readFileSync(file('trace.json'), 'utf8'));
    if (isObject(trace) && 'policies' in trace) return storyParity(folder, trace, device, most);
    return existsSync(file('memory_weights.safetensors'))
      ? magParity(folder, trace, device, most)
      : releasedParity(folder, trace, device, most);
  }
  const config: unknown = JSON.parse(readFileSync(file('config.json'), 'utf8'));
  const has = (name: string): boolean => isObject(config) && name in config;
  if (has('temporalDownsample')) return wanVaeParity(folder, config, device);
  return has('widths') ? decoderParity(folder, config, device) : textParity(folder, config, device);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
