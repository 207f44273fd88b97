import { z } from 'zod';
import { type ProjectDocument, shotIdSchema, type Take } from '../../../../shared/project/document.ts';
import type { ProjectPlan } from '../../../../shared/project/plan.ts';

const takeNotesSchema = z.strictObject({
  /** The take that a shot showed last, by shot; only where that is not its newest. */
  lastShown: z.record(shotIdSchema, z.string()),
  /** What a person said of takes, by take. One that was deleted is off the list; its chunks go when unused ones do. */
  said: z
    .record(
      z.string(),
      z.strictObject({ name: z.string().optional(), starred: z.boolean().optional(), deleted: z.boolean().optional() }),
    )
    .default({}),
});
/** What is known of a project's takes beside the takes themselves: outside undo, as they are. */
export type TakeNotes = z.infer<typeof takeNotesSchema>;

export const noTakeNotes: TakeNotes = { lastShown: {}, said: {} };

/** A change of what is said of a take. */
export type SaidOfTake = {
  readonly [Name in keyof TakeNotes['said'][string]]: TakeNotes['said'][string][Name] | undefined;
};

/** Written by ourselves; what an older version wrote is forgotten rather than trusted. */
export function parseTakeNotes(text: string | undefined): TakeNotes {
  if (text === undefined) return noTakeNotes;
  try {
    return takeNotesSchema.parse(JSON.parse(text));
  } catch {
    return noTakeNotes;
  }
}

/** The takes with what the notes say of them. */
export function noted(takes: readonly Take[], { lastShown, said }: TakeNotes): readonly Take[] {
  return takes.flatMap(({ lastShown: _lastShown, name: _name, starred: _starred, ...take }) => {
    const { name = '', starred = false, deleted = false } = said[take.id] ?? {};
    if (deleted) return [];
    return {
      ...take,
      ...(lastShown[take.shotId] === take.id ? { lastShown: true } : {}),
      ...(name === '' ? {} : { name }),
      ...(starred ? { starred } : {}),
    };
  });
}

/** The notes once a person has said something of a take. */
export function noteSaid(notes: TakeNotes, takeId: string, change: SaidOfTake): TakeNotes {
  const set = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  return { ...notes, said: { ...notes.said, [takeId]: { ...notes.said[takeId], ...set } } };
}

/**
 * The notes after a document has been on the screen: of every shot that shows one of its takes whole, that take is the
 * one it showed last. A shot that is stale or partly made shows nothing new. The same object where nothing changes.
 * @param takes oldest first
 */
export function noteShown(
  notes: TakeNotes,
  { document, plan, takes }: { document: ProjectDocument; plan: ProjectPlan; takes: readonly Take[] },
): TakeNotes {
  const byShot = Map.groupBy(takes, ({ shotId }) => shotId);
  let { lastShown } = notes;
  for (const { id, held } of document.shots) {
    const own = byShot.get(id) ?? [];
    const newest = own.at(-1);
    if (own.length < 2 || !newest) continue;
    const keys = held ?? plan.chunksOf(id).map(({ key }) => key);
    const shown = own.find((take) => take.keys.length === keys.length && take.keys.every((key, i) => key === keys[i]));
    if (!shown || (lastShown[id] ?? newest.id) === shown.id) continue;
    const { [id]: _, ...others } = lastShown;
    lastShown = shown === newest ? others : { ...others, [id]: shown.id };
  }
  return lastShown === notes.lastShown ? notes : { ...notes, lastShown };
}

/** The notes once a take has been made: the newest is shown now. */
export function noteMade(notes: TakeNotes, { shotId }: Pick<Take, 'shotId'>): TakeNotes {
  if (!(shotId in notes.lastShown)) return notes;
  const { [shotId]: _, ...lastShown } = notes.lastShown;
  return { ...notes, lastShown };
}
