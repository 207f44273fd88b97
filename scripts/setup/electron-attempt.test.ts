import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { failureReason, progressLine, readAttempt, whyNotYet, writeAttempt } from './electron-attempt.ts';

const minute = 60_000;
const now = Date.UTC(2026, 10, 28);
const failed = (agoMs: number) => ({ version: '45.4.1', at: now - agoMs, reason: 'the server could not be reached.' });

test('a failed download is not repeated at every start, and says how to', () => {
  expect(whyNotYet(null, '45.4.1', now)).toBeNull();
  expect(whyNotYet(failed(5 * minute), '45.4.1', now)).toBe(
    'The desktop app needs Electron, which could not be downloaded 5 minutes ago: the server could not be reached. It is tried again tomorrow, or now with: npm run electron.',
  );
  expect(whyNotYet(failed(0), '45.4.1', now)).toContain('just now');
  expect(whyNotYet(failed(90 * minute), '45.4.1', now)).toContain('an hour ago');
  expect(whyNotYet(failed(25 * 60 * minute), '45.4.1', now)).toBeNull();
  expect(whyNotYet(failed(minute), '46.0.0', now)).toBeNull();
  expect(whyNotYet(failed(-minute), '45.4.1', now)).toBeNull();
});

test('what was remembered is read again; rubbish is not', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-attempt-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'deep/electron.json');
  expect(readAttempt(file)).toBeNull();
  writeAttempt(file, failed(0));
  expect(readAttempt(file)).toEqual(failed(0));
  writeFileSync(file, '{"version":1}');
  expect(readAttempt(file)).toBeNull();
  writeAttempt(file, null);
  writeAttempt(file, null);
  expect(readAttempt(file)).toBeNull();
});

test('progress', () => {
  expect(progressLine(45e6, 112e6, 0)).toBe('Downloading Electron: 45 of 112 MB');
  expect(progressLine(28e6, 112e6, 10_000)).toBe('Downloading Electron: 28 of 112 MB, 30 s left');
  expect(progressLine(1e6, 121e6, 5000)).toBe('Downloading Electron: 1 of 121 MB, 10 min 0 s left');
  expect(progressLine(112e6, 112e6, 10_000)).toBe('Downloading Electron: 112 of 112 MB');
  expect(progressLine(3e6, null, 10_000)).toBe('Downloading Electron: 3 MB');
});

test.each([
  ['RequestError: getaddrinfo EAI_AGAIN example', 'could not be reached'],
  ['TypeError: fetch failed', 'could not be reached'],
  ['HTTPError: Response code 404 (Not Found)', 'status 404'],
  ['Error: ENOSPC: no space left on device', 'disk is full'],
  ['Error: Generated checksum for "x" did not match', 'not what it should be'],
  ['\nSomething new happened.\n at x', 'Something new happened.'],
  ['', 'without a word'],
])('a failure that says %j', (output, sentence) => {
  expect(failureReason(output)).toContain(sentence);
  expect(failureReason(output)).toMatch(/\.$/);
});
