import { expect, test } from 'vitest';
import type { InstalledModel } from '../../../shared/models.ts';
import { otherModelNotice } from './other-model.ts';

const made = { name: 'MemFlow', digest: 'a' };
const loaded = { name: 'Meadow', digest: 'b' };

function installed(id: string, digest: string): InstalledModel {
  return {
    id,
    path: `/models/${id}`,
    sizeBytes: 1,
    state: {
      kind: 'ready',
      name: 'MemFlow',
      width: 416,
      height: 240,
      memory: 'nam+sma',
      family: '30 layers',
      types: [],
      memoryBytes: 1,
      digest,
      inOrder: true,
      licence: null,
      sources: [],
    },
  };
}

test('nothing is said of a new project, nor of one with the model that is loaded', () => {
  expect(otherModelNotice('Fox', null, loaded, [])).toBeNull();
  expect(otherModelNotice('Fox', { name: 'Renamed', digest: 'b' }, loaded, [])).toBeNull();
});

test('both models are named, and an installed one by the name it is chosen by', () => {
  const models = [installed('other', 'c'), installed('memflow-2', 'a')];
  expect(otherModelNotice('Fox', made, loaded, models)).toEqual({
    message: '"Fox" was last open with the model MemFlow; Meadow is in use.',
    hint: 'Shots are made anew with the model in use. To go on with what is there, choose memflow-2 under Models.',
  });
});

test('of a model that is not among the imported ones, both ways to it are named', () => {
  expect(otherModelNotice('Fox', made, loaded, [installed('memflow', 'c')])?.hint).toMatch(
    /choose MemFlow under Models, or its folder in Settings\.$/,
  );
});

test('other weights under the same name are told as such', () => {
  expect(otherModelNotice('Fox', made, { name: 'MemFlow', digest: 'b' }, [])?.message).toBe(
    '"Fox" was last open with other weights of MemFlow than those in use.',
  );
});
