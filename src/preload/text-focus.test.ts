import { expect, test } from 'vitest';
import { takesText } from './text-focus.ts';

const element = (tagName: string, type: string | null = null, isContentEditable = false) => ({
  tagName,
  isContentEditable,
  getAttribute: (name: string) => (name === 'type' ? type : null),
});

test('undo means the text where text is being written, and the document elsewhere', () => {
  expect(takesText(element('TEXTAREA'))).toBe(true);
  expect(takesText(element('INPUT'))).toBe(true);
  expect(takesText(element('INPUT', 'Number'))).toBe(true);
  expect(takesText(element('DIV', null, true))).toBe(true);
  expect(takesText(element('INPUT', 'range'))).toBe(false);
  expect(takesText(element('BUTTON'))).toBe(false);
  expect(takesText(element('BODY'))).toBe(false);
  expect(takesText(null)).toBe(false);
});
