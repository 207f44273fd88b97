import { z } from 'zod';

/**
 * What a shot says besides its prompt: for boards, edits and subtitles. None of it is part of the recipe, so that
 * changing a field never makes a result stale. A field that is absent was not said.
 */
export const shotFieldsSchema = z
  .strictObject({
    /** Heading of its scene as written: `INT. KITCHEN - DAY`. */
    scene: z.string().max(300),
    /** Scene or shot number: `12`, `12A`. */
    number: z.string().max(30),
    /** What happens, without the place and time that the prompt adds. */
    action: z.string().max(20_000),
    /** A speech a line: `ROBOT (V.O.): (quietly) Is anybody here?`. */
    dialogue: z.string().max(20_000),
    notes: z.string().max(20_000),
    camera: z.string().max(2_000),
  })
  .partial();
export type ShotFields = z.infer<typeof shotFieldsSchema>;
export type ShotFieldName = keyof ShotFields;

/** Fields with one changed; an empty one is left out. */
export function withField(fields: ShotFields, name: ShotFieldName, value: string): ShotFields {
  const { [name]: _, ...others } = fields;
  return value === '' ? others : { ...others, [name]: value };
}
