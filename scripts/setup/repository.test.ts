import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const { scripts, engines, devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

test('whatever Node runs npm, every script runs on the Node that the source needs', () => {
  // Node 20 and newer start it, and the bootstrap hands over to the Node of the dev dependency.
  expect(engines.node).toBe('>=20');
  expect(devDependencies.node).toMatch(/^\^24\./);
  for (const [name, command] of Object.entries<string>(scripts)) {
    if (name === 'lock') expect(command).toBe('node scripts/complete-lock.mjs');
    else expect(command, name).toMatch(/^node scripts\/bootstrap\.mjs (scripts|src|bench|node_modules)\//);
  }
});

test('the workflow for GitHub runs only what also runs here', () => {
  const workflow = readFileSync(join(root, '.github/workflows/ci.yml'), 'utf8');
  const commands = [...workflow.matchAll(/- run: (.*)/g)].map(([, command = '']) =>
    command.replace(/^xvfb-run --auto-servernum /, ''),
  );
  expect(commands).toContain('npm run unit');
  for (const command of commands) {
    const [, script] = /^npm run (\S+)$/.exec(command) ?? [];
    expect(command === 'npm ci' || (script !== undefined && script in scripts), command).toBe(true);
  }
  for (const os of ['ubuntu', 'windows', 'macos']) expect(workflow).toContain(os);
});
