import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { geometryOf, parseModelConfig, pictureSize } from './config.ts';

const text = readFileSync(new URL('../../../../tests/fixtures/reference-small/config.json', import.meta.url), 'utf8');

/** The fixture's configuration with the field at `path` replaced (undefined: left out). */
function changed(path: string, value: unknown): string {
  const config = JSON.parse(text);
  const names = path.split('.');
  const last = names.pop() as string;
  names.reduce((at, name) => at[name], config)[last] = value;
  return JSON.stringify(config);
}

it('reads a configuration and derives its geometry', () => {
  const config = parseModelConfig(text, 'config.json');
  expect(config.memory.pipeline).toBe('interactive');
  expect(geometryOf(config)).toEqual({ headDim: 12, latentHeight: 4, latentWidth: 6, rows: 2, columns: 3, tokens: 6 });
});

describe('refuses, naming the field:', () => {
  it.each([
    ['format', 'something', /format/],
    ['formatVersion', 2, /formatVersion/],
    ['name', '', /name/],
    ['video.width', 50, /video\.width and video\.height must be multiples of 16/],
    ['video.height', 20, /video\.width and video\.height must be multiples of 16/],
    ['video.fps', 0, /video\.fps/],
    ['latent.temporalStride', 2, /latent\.temporalStride/],
    ['text.layers', 0, /text\.layers/],
    ['text.maxTokens', 513, /text\.maxTokens must not be more than text\.textLength/],
    ['dit.heads', 5, /dit\.dim must be a multiple of dit\.heads/],
    ['dit.heads', 16, /head width dit\.dim \/ dit\.heads must be even/],
    ['dit.freqDim', 63, /dit\.freqDim must be even/],
    ['dit.dim', undefined, /dit\.dim/],
    ['decoder.widths', [1, 2, 3], /decoder\.widths/],
    ['sampler.steps', [], /sampler\.steps/],
    ['sampler.steps', [500, 750], /sampler\.steps must fall/],
    ['sampler.steps', [750, 750], /sampler\.steps must fall/],
    ['sampler.steps', [1001], /sampler\.steps/],
    ['memory.mode', 'released', /"released" needs absolute positions/],
    ['memory.mode', 'ema-sink', /"ema-sink" needs positions of kind "slots"/],
    ['memory.positions', { kind: 'slots' }, /"paper" cannot have positions of kind "slots"/],
    ['memory.sinkAlpha', 0.9, /memory\.sinkAlpha must be there where .* and nowhere else; memory\.mode is "paper"/],
    ['memory.policy', 'everything', /memory\.policy/],
    ['memory.positions.current', 5, /memory\.positions\.current must leave room for windowFrames/],
    ['memory.windowFrames', 11, /memory\.positions\.current must leave room for windowFrames/],
  ])('%s = %j', (path, value, says) => {
    const attempt = (): unknown => parseModelConfig(changed(path, value), '/models/mine/config.json');
    expect(attempt).toThrow(says);
    expect(attempt).toThrow(/\/models\/mine\/config\.json/);
    expect(attempt).toThrow(expect.objectContaining({ code: 'model-inconsistent' }));
  });

  it('a file that is not JSON', () => {
    expect(() => parseModelConfig('{"format":', 'config.json')).toThrow(/config\.json is not JSON/);
  });
});

describe('the decoder', () => {
  it('draws twice the size where outputScale says so, once where it says nothing', () => {
    const plain = parseModelConfig(changed('name', 'x'), 'config.json');
    expect(plain.decoder).toMatchObject({ kind: 'taehv', outputScale: 1 });
    expect(pictureSize(plain)).toEqual({ width: plain.video.width, height: plain.video.height });
    const sharp = parseModelConfig(changed('decoder.outputScale', 2), 'config.json');
    expect(pictureSize(sharp)).toEqual({ width: 2 * plain.video.width, height: 2 * plain.video.height });
  });

  it.each([
    ['decoder.outputScale', 5, /decoder\.outputScale/],
    ['decoder.outputScale', 1.5, /decoder\.outputScale/],
    ['decoder.kind', 'jpeg', /decoder\.kind/],
    ['decoder', { kind: 'wan-vae', dim: 96 }, /decoder\.statistics/],
    [
      'decoder',
      { kind: 'wan-vae', dim: 96, statistics: { mean: [0], std: [1] } },
      /a mean and a std for every latent channel/,
    ],
  ])('%s = %j is refused', (path, value, says) => {
    expect(() => parseModelConfig(changed(path, value), 'config.json')).toThrow(says);
  });
});
