import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkParity } from '../../src/main/engine/parity/check-parity.ts';

const fixture = (name: string): string => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));

describe('parity with recorded outputs, fp32 on the CPU', () => {
  it.each([
    'memflow-released-dense',
    'memflow-released-sma',
    'memflow-released-switch',
    'memflow-released-single',
    'taehv-decoder',
    'wan-vae',
    'encoder',
    'mag-dense',
    'mag-initial',
    'umt5-encoder',
    'reference-small',
    'reference-wide',
    'reference-sharp',
    'reference-packed',
    'reference-long',
    'reference-mag',
    'reference-ema-sink',
  ])('%s', async (name) => {
    const report = await checkParity(fixture(name), 'cpu');
    expect(report.held, report.lines.join('\n')).toBe(true);
    expect(report.lines.length).toBeGreaterThan(0);
  });

  it('says what a folder lacks', async () => {
    await expect(checkParity(fixture('stories'), 'cpu')).rejects.toThrow(/holds no recorded outputs/);
  });
});
