import type { ProjectShot, ShotId } from '../../../shared/project/document.ts';
import type { ShotFieldName } from '../../../shared/shot-fields.ts';

/** What of a shot is searched, in the order that places of one shot are listed. */
export const searched = [
  'name',
  'prompt',
  'scene',
  'number',
  'action',
  'dialogue',
  'camera',
  'notes',
] as const satisfies readonly ('name' | 'prompt' | ShotFieldName)[];
export type SearchedField = (typeof searched)[number];

/** A place in a story. Offsets in UTF-16 units. */
export interface FoundPlace {
  readonly shotId: ShotId;
  readonly field: SearchedField;
  readonly start: number;
  readonly end: number;
}

/**
 * Every place that a text stands at, whether its letters are capital or small. Spaces in it stand for any white space.
 * @param shots in the order that places are listed
 */
export function findInStory(shots: readonly ProjectShot[], text: string): FoundPlace[] {
  const words = text.trim();
  if (words === '') return [];
  const pattern = words.split(/\s+/).map(escaped).join('\\s+');
  const sought = new RegExp(pattern, 'giu');
  return shots.flatMap((shot) =>
    searched.flatMap((field) =>
      [...fieldOf(shot, field).matchAll(sought)].map((match) => ({
        shotId: shot.id,
        field,
        start: match.index,
        end: match.index + match[0].length,
      })),
    ),
  );
}

/** What a shot says in a field; empty where it says nothing. */
export function fieldOf(shot: ProjectShot, field: SearchedField): string {
  return field === 'name' || field === 'prompt' ? shot[field] : (shot.fields?.[field] ?? '');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
