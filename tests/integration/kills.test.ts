import { expect, test } from 'vitest';
import { runKills } from '../../scripts/kills/run-kills.ts';

test('ten kills at random moments: what was acknowledged is there, and nothing is half', {
  timeout: 600_000,
}, async () => {
  const { kills, acknowledged, losses } = await runKills({ count: 10, seed: 20 });
  expect(losses).toEqual([]);
  expect(kills).toEqual({ host: 6, engine: 2, 'command line': 2 });
  expect(acknowledged).toBeGreaterThan(0);
});
