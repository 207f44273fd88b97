import { nanoid } from 'nanoid';
import { applyCommand } from '../../shared/project/apply-command.ts';
import type { Command } from '../../shared/project/commands.ts';
import { requireTrims } from '../../shared/project/require-trims.ts';
import { api, shownError } from './client.ts';
import { selectionAfter } from './follow-undo.ts';
import { heard, revisionOf } from './made-for.ts';
import { drop, enqueue, nextWaiting, rebase, shareUnchanged } from './pending.ts';
import { selectShots, useSelection } from './selection.ts';
import { showCutOf } from './show-cut.ts';
import { showDocument, useStudio } from './studio.ts';
import { attempt, notify } from './toasts.ts';
import { untilSeen } from './until-seen.ts';

let sending = false;
const idleWaiters: (() => void)[] = [];

/** A name for one gesture: everything dispatched under it becomes one undo step. */
export function newGesture(kind: string): string {
  return `${kind}-${nanoid(8)}`;
}

/** An id for a new shot. */
export function newShotId(): string {
  return nanoid(12);
}

/**
 * Changes the document: shows the change at once and sends it to the studio, whose answer is the truth. While a call
 * is on its way, commands of the same gesture are gathered, so that typing and dragging send no more than is needed.
 * A command that cannot be applied is refused here, with a toast, and false is returned.
 */
export function dispatch(commands: Command | readonly Command[], gesture: string | null = null): boolean {
  const list: readonly Command[] = 'type' in commands ? [commands] : commands;
  const { document, project, model } = useStudio.getState();
  if (!document || !project || list.length === 0) return false;
  if (project.readOnly) {
    const { message, hint } = project.readOnly;
    notify({ level: 'warning', message, hint });
    return false;
  }
  try {
    const after = list.reduce(applyCommand, document);
    if (model) requireTrims(document, after, model.chunkFrames);
    showDocument(after);
  } catch (error) {
    const { message, hint } = shownError(error);
    notify({ level: 'error', message, hint });
    return false;
  }
  enqueue(project.id, list, gesture);
  void send();
  return true;
}

async function send(): Promise<void> {
  if (sending) return;
  sending = true;
  for (let batch = nextWaiting(); batch; batch = nextWaiting()) {
    batch.state = 'sent';
    const { project: id, commands, gesture } = batch;
    const answer = await attempt(api.document.apply({ ...revisionOf(id), commands, gesture }));
    if (answer) {
      batch.state = answer.revision;
      heard(id, answer);
    } else {
      drop(batch);
    }
    const { project, document } = useStudio.getState();
    if (project) showDocument(shareUnchanged(document, rebase(project)));
  }
  sending = false;
  for (const done of idleWaiters.splice(0)) done();
}

/** Settles when every command has been answered; whatever reads the studio's document waits for it. */
export async function allSent(): Promise<void> {
  if (sending) await new Promise<void>((resolve) => idleWaiters.push(resolve));
}

export async function undo(): Promise<void> {
  await step('undo');
}

export async function redo(): Promise<void> {
  await step('redo');
}

/**
 * One step through the history of the project that is open now, after what is on its way to it; then what it brought back
 * or changed is selected.
 */
async function step(way: 'undo' | 'redo'): Promise<void> {
  const id = useStudio.getState().project?.id;
  await allSent();
  const { project, document: before } = useStudio.getState();
  if (id === undefined || project?.id !== id || project[way] === null) return;
  const { shotIds } = useSelection.getState();
  const answer = await attempt(api.document[way](revisionOf(id)));
  if (!answer) return;
  heard(id, answer);
  if (!(await untilSeen(id, answer))) return;
  const { document: after } = useStudio.getState();
  if (!before || !after || before === after) return;
  const ids = selectionAfter(before, after, shotIds);
  if (ids) selectShots(ids);
  const { shotId } = useSelection.getState();
  if (shotId !== null) showCutOf(shotId);
}
