import { expect, test } from 'vitest';
import { npmFailure } from './npm-failure.mjs';

test.each([
  [
    'npm error code EAI_AGAIN\nnpm error request to https://registry failed',
    undefined,
    'could not be downloaded',
    'network',
  ],
  ['npm error code ENOTCACHED', undefined, 'could not be downloaded', 'registry'],
  ['npm error code E404', undefined, 'does not have one', 'registry'],
  ['npm error code E403', undefined, 'refused', 'npm login'],
  ['npm error code ENOSPC', undefined, 'disk is full', 'Free'],
  ['npm error code EACCES', undefined, 'may not write', 'owns'],
  ['npm error code EUSAGE', undefined, 'do not agree', 'npm run lock'],
  ['', 'ENOENT', 'npm was not found', 'Node 24'],
])('npm that says %j', (output, spawnCode, sentence, advice) => {
  const lines = npmFailure(['ci'], output, spawnCode).split('\n');
  expect(lines[0]).toContain(`npm ci failed: `);
  expect(lines[0]).toContain(sentence);
  expect(lines[1]).toContain(advice);
  if (output) expect(lines.slice(2).join('\n')).toBe(output);
});

test('what nobody knows is shown as npm says it', () => {
  expect(npmFailure(['ci', '--no-audit'], 'npm error of a new kind\n', undefined)).toBe(
    'npm ci --no-audit failed: it says why below.\nnpm error of a new kind',
  );
});
