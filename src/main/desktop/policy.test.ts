import { expect, test } from 'vitest';
import { helpLinks, isAppPage, mayOpenOutside, mayRequest } from './policy.ts';

test('opens our own links outside, and nothing else', () => {
  expect(mayOpenOutside(helpLinks.gpl)).toBe(true);
  for (const link of [
    'https://example.com/',
    `${helpLinks.gpl}?to=elsewhere`,
    helpLinks.gpl.replace('https', 'http'),
    helpLinks.gpl.replace('//', '//someone@'),
    'file:///etc/passwd',
    'javascript:alert(1)',
    'smb://server/share',
    'mailto:someone@example.com',
    '',
    'no url',
  ]) {
    expect(mayOpenOutside(link), link).toBe(false);
  }
});

test('only the app’s one page is its page', () => {
  expect(isAppPage('throughline://app/')).toBe(true);
  expect(isAppPage('throughline://app/?debug#part')).toBe(true);
  for (const url of [
    'throughline://app/media/chunk/0/strip.webp',
    'throughline://app.example/',
    'throughline://other/',
    'throughline://user@app/',
    'https://app/',
    'file:///throughline://app/',
    'about:blank',
    'data:text/html,hello',
  ]) {
    expect(isAppPage(url), url).toBe(false);
  }
});

test('requests leave the page for the app alone', () => {
  expect(mayRequest('throughline://app/media/chunk/0/strip.webp')).toBe(true);
  expect(mayRequest('blob:throughline://app/0b1c')).toBe(true);
  expect(mayRequest('data:image/webp;base64,AA')).toBe(true);
  for (const url of [
    'https://example.com/',
    'http://127.0.0.1:80/',
    'ws://localhost/',
    'file:///etc/passwd',
    'blob:null/1',
  ]) {
    expect(mayRequest(url), url).toBe(false);
  }
});
