import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { DeviceName, Precision } from '../../../shared/render.ts';
import { adaptedMagParity } from './adapted-mag-parity.ts';
import type { ParityReport } from './compare.ts';
import { decoderParity, encoderParity, wanVaeParity } from './decoder-parity.ts';
import { emaSinkParity } from './ema-sink-parity.ts';
import { longMemoryParity } from './long-memory-parity.ts';
import { magParity } from './mag-parity.ts';
import { textParity } from './module-parity.ts';
import { packedParity } from './packed-parity.ts';
import { releasedParity } from './released-parity.ts';
import { storyParity } from './story-parity.ts';

/**
 * Finds out from a folder's files what was recorded there, runs it, and compares.
 * @param most of a story, only so many chunks: for slow devices
 * @param precision `fp16` for whole models alone: what is recorded of parts is computed in fp32
 */
export async function checkParity(
  folder: string,
  device: DeviceName,
  most = Number.POSITIVE_INFINITY,
  precision: Precision = 'fp32',
): Promise<ParityReport> {
  const file = (name: string): string => join(folder, name);
  if (!existsSync(file('tensors.safetensors'))) {
    throw new ThroughlineError(
      'bad-input',
      `${folder} holds no recorded outputs (tensors.safetensors).`,
      'See tests/fixtures/README.md for the layout.',
    );
  }
  if (precision !== 'fp32' && !existsSync(file('dit.safetensors'))) {
    throw new ThroughlineError('bad-input', `${folder} is no whole model.`, 'Compare it in fp32.');
  }
  if (existsSync(file('trace.json'))) {
    const trace: unknown = JSON.parse(readFileSync(file('trace.json'), 'utf8'));
    if (isObject(trace) && 'policies' in trace) return storyParity(folder, trace, device, most, precision);
    if (isObject(trace) && 'packed' in trace) return packedParity(folder, trace, device, most);
    if (isObject(trace) && 'long' in trace) return longMemoryParity(folder, trace, device, most);
    if (isObject(trace) && 'emaSink' in trace) return emaSinkParity(folder, trace, device, most, precision);
    if (isObject(trace) && 'mag' in trace) return adaptedMagParity(folder, trace, device, most);
    return existsSync(file('memory_weights.safetensors'))
      ? magParity(folder, trace, device, most)
      : releasedParity(folder, trace, device, most);
  }
  const config: unknown = JSON.parse(readFileSync(file('config.json'), 'utf8'));
  const has = (name: string): boolean => isObject(config) && name in config;
  if (has('decoderWidths')) return encoderParity(folder, config, device);
  if (has('temporalDownsample')) return wanVaeParity(folder, config, device);
  return has('widths') ? decoderParity(folder, config, device) : textParity(folder, config, device);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
