import { sep } from 'node:path';
import { expect, it } from 'vitest';
import { fromHome } from './recent-projects.ts';

it('shortens what lies in the own folder, and nothing else', () => {
  const home = ['', 'home', 'ada'].join(sep);
  expect(fromHome([home, 'films', 'a.throughline'].join(sep), home)).toBe(['~', 'films', 'a.throughline'].join(sep));
  const beside = [`${home}m`, 'a.throughline'].join(sep);
  expect(fromHome(beside, home)).toBe(beside);
});
