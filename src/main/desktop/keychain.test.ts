import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { FarmPassword } from '../studio/farm/farm-password.ts';
import type { SafeStorageSurface } from './electron-surface.ts';
import { keychain } from './keychain.ts';

/** A keychain whose key is that of one user. */
const storageOf = (user: string, backend = 'gnome_libsecret'): SafeStorageSurface => ({
  isEncryptionAvailable: () => backend !== 'none',
  getSelectedStorageBackend: () => backend,
  encryptString: (text) => Buffer.from(`${user} ${[...text].reverse().join('')}`),
  decryptString: (bytes) => {
    const [owner, ...rest] = bytes.toString().split(' ');
    if (owner !== user) throw new Error('another key');
    return [...rest.join(' ')].reverse().join('');
  },
});

function file(): string {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-keychain-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'secrets.json');
}

test('a password is kept in the keychain, for its server alone, and forgotten when it is emptied', () => {
  const place = file();
  const open = (user = 'me') => new FarmPassword(keychain(storageOf(user), place));
  expect(open().set('rediss://team@farm:6379?prefix=a', 'open sesame')).toBe('keychain');
  expect(readFileSync(place, 'utf8')).not.toContain('open sesame');
  expect(open().of('rediss://team@farm:6379?prefix=b')).toBe('open sesame');
  for (const other of [
    'redis://team@farm:6379',
    'rediss://team@other:6379',
    'rediss://farm:6379',
    'rediss://team@farm:1',
  ])
    expect(open().of(other), other).toBeNull();
  expect(open('somebody').of('rediss://team@farm:6379')).toBeNull();
  open().set('rediss://team@farm:6379', '');
  expect(open().of('rediss://team@farm:6379')).toBeNull();
  expect(readFileSync(place, 'utf8').trim()).toBe('{}');
});

test('where the keychain is none, a password is kept until the program ends', () => {
  for (const backend of ['basic_text', 'unknown', 'none']) {
    const secrets = keychain(storageOf('me', backend), file());
    expect(secrets, backend).toBeNull();
    const password = new FarmPassword(secrets);
    expect(password.set('redis://farm', 'open sesame')).toBe('session');
    expect(password.of('redis://farm')).toBe('open sesame');
  }
});
