import type { ProjectId, ProjectState } from '../../shared/api/types.ts';
import { applyCommand } from '../../shared/project/apply-command.ts';
import type { Command } from '../../shared/project/commands.ts';
import type { ProjectDocument, ProjectShot } from '../../shared/project/document.ts';

/** Commands that are shown already but may not be in the studio's document yet. */
export interface Batch {
  /** The project they were made on; no other is shown or sent them. */
  readonly project: ProjectId;
  commands: Command[];
  readonly gesture: string | null;
  /** Waiting to be sent, on its way, or done at this revision of the document. */
  state: 'waiting' | 'sent' | number;
}

let batches: Batch[] = [];

/** Adds commands on a project at the end; those of the gesture that waits there already join it. */
export function enqueue(project: ProjectId, commands: readonly Command[], gesture: string | null): void {
  const last = batches.at(-1);
  const joins = last?.project === project && last.state === 'waiting' && gesture !== null && last.gesture === gesture;
  if (joins) last.commands = squash([...last.commands, ...commands]);
  else batches.push({ project, commands: [...commands], gesture, state: 'waiting' });
}

/** The next batch to send, or undefined. */
export function nextWaiting(): Batch | undefined {
  return batches.find(({ state }) => state === 'waiting');
}

export function drop(batch: Batch): void {
  batches = batches.filter((other) => other !== batch);
}

/** Later values of the same fields of the same shot replace earlier ones. */
export function squash(commands: readonly Command[]): Command[] {
  const result: Command[] = [];
  for (const command of commands) {
    const last = result.at(-1);
    if (command.type === 'edit-shot' && last?.type === 'edit-shot' && last.id === command.id) {
      result[result.length - 1] = { ...last, patch: { ...last.patch, ...command.patch } };
    } else if (command.type === 'edit-project' && last?.type === 'edit-project') {
      result[result.length - 1] = { ...last, ...command };
    } else {
      result.push(command);
    }
  }
  return result;
}

/**
 * The same document as `next`, made of the objects of `before` wherever they say the same: what did not change is then
 * not computed or drawn again. `before` itself where nothing changed.
 */
export function shareUnchanged(before: ProjectDocument | null, next: ProjectDocument): ProjectDocument {
  if (!before) return next;
  const old = new Map(before.shots.map((shot) => [shot.id, shot]));
  const shots = next.shots.map((shot) => {
    const known = old.get(shot.id);
    return known && sameShot(known, shot) ? known : shot;
  });
  const sameShots = shots.length === before.shots.length && shots.every((shot, i) => shot === before.shots[i]);
  const { shots: _, ...rest } = next;
  const sameRest = (Object.keys(rest) as (keyof typeof rest)[]).every((name) => same(before[name], next[name]));
  if (sameShots && sameRest) return before;
  return { ...next, shots: sameShots ? before.shots : shots };
}

function sameShot(a: ProjectShot, b: ProjectShot): boolean {
  if (a === b) return true;
  const names = new Set([...Object.keys(a), ...Object.keys(b)]) as Set<keyof ProjectShot>;
  return [...names].every((name) => same(a[name], b[name]));
}

/** Of small plain values. */
function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}

/**
 * The studio's document with what is still on its way to this project applied on top; what it has by now is forgotten.
 * Commands on their way to another project stay with that.
 */
export function rebase(project: ProjectState): ProjectDocument {
  batches = batches.filter(({ project: of, state }) =>
    typeof state === 'number' ? of === project.id && state > project.revision : true,
  );
  let { document } = project;
  for (const { project: of, commands } of batches) {
    if (of !== project.id) continue;
    for (const command of commands) {
      try {
        document = applyCommand(document, command);
      } catch {
        // In it already, or made impossible by another window: the studio decides, and its answer says so.
      }
    }
  }
  return document;
}
