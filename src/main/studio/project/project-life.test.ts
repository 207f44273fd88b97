import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mayChange, newlyOpen, type ProjectLifeEvent, reduceLife } from './project-life.ts';

const events = ['move-began', 'move-ended', 'left', 'held', 'released'] as const satisfies readonly ProjectLifeEvent[];

test('the file stays open while anybody holds it, and what is left is never changed again', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...events), { maxLength: 40 }), (row) => {
      let life = newlyOpen;
      let holds = 0;
      for (const event of row) {
        const before = life;
        life = reduceLife(life, event);
        if (before.kind === 'closed') expect(life).toBe(before);
        if (before.kind !== 'closed' && event === 'held') holds++;
        if (before.kind !== 'closed' && event === 'released') holds = Math.max(0, holds - 1);
        expect(life.kind === 'closed' ? 0 : life.holds).toBe(holds);
        if (life.kind === 'closed') expect(before.kind === 'moving').toBe(false);
        if (!mayChange(before)) expect(mayChange(life)).toBe(false);
      }
    }),
    { seed: 20, numRuns: 500 },
  );
});
