import { expect, test } from 'vitest';
import { canRunSource, missingPackages } from './install-state.mjs';

const zod = { version: '4.0.0', integrity: 'sha512-a' };
const lock = { packages: { '': {}, 'node_modules/zod': zod, 'node_modules/mac-only': { ...zod, optional: true } } };

test('everything there, apart from an optional package of another platform', () => {
  expect(missingPackages(lock, { packages: { 'node_modules/zod': zod } })).toEqual([]);
});

test('nothing installed', () => {
  expect(missingPackages(lock, null)).toEqual(['node_modules/zod']);
});

test('another version, or the same version with other contents', () => {
  expect(missingPackages(lock, { packages: { 'node_modules/zod': { ...zod, version: '3.9.0' } } })).toEqual([
    'node_modules/zod',
  ]);
  expect(missingPackages(lock, { packages: { 'node_modules/zod': { ...zod, integrity: 'sha512-b' } } })).toEqual([
    'node_modules/zod',
  ]);
});

test('a stale optional package counts too', () => {
  const installed = { packages: { 'node_modules/zod': zod, 'node_modules/mac-only': { ...zod, version: '3.0.0' } } };
  expect(missingPackages(lock, installed)).toEqual(['node_modules/mac-only']);
});

test('Node 24 and newer run the source; 20 and 22 do not', () => {
  expect(['20.20.2', '22.18.0', '24.0.0', '26.1.0'].map(canRunSource)).toEqual([false, false, true, true]);
});
