import fc from 'fast-check';
import { expect, test } from 'vitest';
import { applyCommand, emptyDocument } from './apply-command.ts';
import type { ProjectDocument, ProjectShot } from './document.ts';

const shot = (id: string, parent: string | null): ProjectShot => ({
  id,
  parent,
  name: '',
  prompt: 'a cat',
  chunks: 1,
  seed: 0,
  seedLocked: false,
  transition: 'automatic',
  memory: {},
  held: null,
});

/** A tree of shots; each number says which of the shots before it is the parent (0: none). */
function grow(document: ProjectDocument, prefix: string, parents: readonly number[]): ProjectShot[] {
  const ids: (string | null)[] = [null, ...document.shots.map(({ id }) => id)];
  return parents.map((parent, i) => {
    const made = shot(`${prefix}-shot-${i}`, ids[parent % ids.length] ?? null);
    ids.push(made.id);
    return made;
  });
}

test('pasting is adding one shot after the other', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30)), fc.array(fc.nat(30), { minLength: 1 }), fc.nat(30), (before, pasted, place) => {
      let document = emptyDocument('x');
      for (const added of grow(document, 'before', before)) {
        document = applyCommand(document, { type: 'add-shot', parent: added.parent, shot: added });
      }
      const leaves = document.shots.filter(({ id }) => !document.shots.some(({ parent }) => parent === id));
      for (const { id } of leaves) document = applyCommand(document, { type: 'name-cut', leaf: id, name: `to ${id}` });
      const after = [null, ...document.shots.map(({ id }) => id)][place % (document.shots.length + 1)] ?? null;
      const shots = grow(emptyDocument('x'), 'pasted', pasted);

      const one = shots.reduce(
        (next, added) => applyCommand(next, { type: 'add-shot', parent: added.parent ?? after, shot: added }),
        document,
      );
      expect(applyCommand(document, { type: 'paste-shots', after, shots })).toEqual(one);
    }),
    { seed: 1, numRuns: 300 },
  );
});
