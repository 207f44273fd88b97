import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { fromHome, RecentProjects } from './recent-projects.ts';

it('shortens what lies in the own folder, and nothing else', () => {
  const home = ['', 'home', 'ada'].join(sep);
  expect(fromHome([home, 'films', 'a.throughline'].join(sep), home)).toBe(['~', 'films', 'a.throughline'].join(sep));
  const beside = [`${home}m`, 'a.throughline'].join(sep);
  expect(fromHome(beside, home)).toBe(beside);
});

it('keeps the order of opening; a project has the name and picture it was closed with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-recent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const picture = 'data:image/webp;base64,AAAA';
  const recent = new RecentProjects(folder);
  recent.remember('/a.throughline', 'Untitled');
  recent.remember('/b.throughline', 'Second');
  recent.update('/a.throughline', 'The first', picture, 'ab'.repeat(32));
  expect(recent.list().map((project) => [project.title, project.picture])).toEqual([
    ['Second', null],
    ['The first', picture],
  ]);
  recent.remember('/a.throughline', 'The first');
  expect(recent.list()[0]).toMatchObject({ title: 'The first', picture, missing: true });
});

it('reads a list of before pictures, and no picture that is none of ours', () => {
  const folder = mkdtempSync(join(tmpdir(), 'throughline-recent-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const old = { file: '/a.throughline', title: 'A', openedAt: '2026-01-01T00:00:00.000Z' };
  writeFileSync(join(folder, 'recent.json'), JSON.stringify([old, { ...old, picture: 'https://example.org/x.png' }]));
  expect(new RecentProjects(folder).list().map(({ picture }) => picture)).toEqual([null, null]);
});
