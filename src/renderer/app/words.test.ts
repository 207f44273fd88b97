import { expect, it } from 'vitest';
import { agoWords, counted, sizeWords, timeLeft } from './words.ts';

it('says spans as a clock does', () => {
  expect([0, 3.2, 75, 3720].map(timeLeft)).toEqual(['0:00', '0:04', '1:15', '1:02:00']);
});

it('says sizes with few figures', () => {
  expect([0, 999, 1536, 4 * 1024 ** 3, 250_000_000].map(sizeWords)).toEqual([
    '0 bytes',
    '999 bytes',
    '1.5 KB',
    '4 GB',
    '238 MB',
  ]);
});

it('counts things', () => {
  expect([counted(1, 'shot'), counted(1200, 'chunk')]).toEqual(['1 shot', '1,200 chunks']);
});

it('says when something was', () => {
  const now = Date.parse('2026-11-20T12:00:00Z');
  const at = (iso: string) => agoWords(iso, now);
  expect(at('2026-11-20T11:59:40Z')).toBe('just now');
  expect(at('2026-11-20T11:15:00Z')).toBe('45 min ago');
  expect(at('2026-11-20T02:00:00Z')).toBe('10 h ago');
  expect(at('2026-11-19T10:00:00Z')).toBe('yesterday');
  expect(at('not a date')).toBe('');
});
