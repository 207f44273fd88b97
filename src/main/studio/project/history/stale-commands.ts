import { ThroughlineError } from '../../../../shared/errors.ts';
import type { Command } from '../../../../shared/project/commands.ts';
import type { ProjectDocument, ShotId } from '../../../../shared/project/document.ts';
import { childrenOf } from '../../../../shared/project/tree.ts';

/**
 * Commands name shots, so those made on an older document mean the same on the newest and are simply applied there; a
 * shot that is gone by then is an error of the command itself. What must not happen is that a command takes away what
 * nobody who gave it has seen: a subtree into which another window has put a shot meanwhile.
 * @param base the document they were made on; null where it is forgotten
 * @throws ThroughlineError `stale` where that would happen
 */
export function refuseStale(commands: readonly Command[], base: ProjectDocument | null, now: ProjectDocument): void {
  if (base === now) return;
  for (const command of commands) {
    if (command.type !== 'delete-shots' || command.mode !== 'subtree') continue;
    const seen = base && subtreesOf(base, command.ids);
    if ([...subtreesOf(now, command.ids)].some((id) => !seen?.has(id))) throw staleError();
  }
}

/** What is said where somebody else was quicker. */
export function staleError(): ThroughlineError {
  return new ThroughlineError(
    'stale',
    'The story was changed meanwhile, in another window or tab.',
    'Look at what it is now, then do it again if you still want to.',
  );
}

function subtreesOf(document: ProjectDocument, ids: readonly ShotId[]): Set<ShotId> {
  const children = childrenOf(document);
  const found = new Set<ShotId>();
  const open = [...ids];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(children.get(id) ?? []).map((child) => child.id));
  }
  return found;
}
