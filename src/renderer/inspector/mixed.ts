import type { Command, CommandOf } from '../../shared/project/commands.ts';
import type { ProjectShot } from '../../shared/project/document.ts';

/** What shots have in common in one respect: their value, or that they differ. */
export type Common<Value> = { readonly mixed: false; readonly value: Value } | { readonly mixed: true };

/** @param shots at least one */
export function common<Value>(shots: readonly ProjectShot[], of: (shot: ProjectShot) => Value): Common<Value> {
  const [first, ...others] = shots.map(of);
  return others.every((value) => value === first) ? { mixed: false, value: first as Value } : { mixed: true };
}

type Patch = CommandOf<'edit-shot'>['patch'];

/** The same change of every shot that it changes, as one step. */
export function editAll(shots: readonly ProjectShot[], patchOf: (shot: ProjectShot) => Patch): Command[] {
  return shots.flatMap((shot): Command[] => {
    const patch = patchOf(shot);
    const changes = Object.entries(patch).some(
      ([name, value]) => JSON.stringify(shot[name as keyof Patch]) !== JSON.stringify(value),
    );
    return changes ? [{ type: 'edit-shot', id: shot.id, patch }] : [];
  });
}
