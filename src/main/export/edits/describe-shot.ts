import type { EditShot } from '../../../shared/edit/edit-plan.ts';

/** What a person wrote to a shot, for the comment of a marker: one `Name: text` a line, the prompt first. */
export function shotComment({ prompt, fields }: EditShot): string {
  const lines: readonly (readonly [string, string])[] = [
    ['Prompt', prompt],
    ['Scene', fields.scene],
    ['Action', fields.action],
    ['Dialogue', fields.dialogue],
    ['Camera', fields.camera],
    ['Notes', fields.notes],
  ];
  return lines
    .filter(([, text]) => text.trim() !== '')
    .map(([name, text]) => `${name}: ${text.trim()}`)
    .join('\n');
}
