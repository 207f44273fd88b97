import type { EditPlan, EditShot } from '../../../shared/edit/edit-plan.ts';

/**
 * A script in Fountain: a scene heading where the scene changes, the shot's action (its prompt where it has none), dialogue under
 * its speaker, camera and notes as notes `[[ ]]`. Every heading and action is forced where Fountain would take it for something
 * else, so that it reads back as what it is.
 */
export function writeFountain(plan: EditPlan): string {
  const parts: string[] = [`Title: ${oneLine(plan.title) || 'Untitled'}`];
  let before = '';
  for (const shot of plan.shots) {
    const { scene } = shot.fields;
    if (scene !== '' && scene !== before) parts.push(headingOf(scene));
    before = scene;
    parts.push(...shotParts(shot));
  }
  return `${parts.join('\n\n')}\n`;
}

function headingOf(scene: string): string {
  const text = oneLine(scene);
  return /^(int|ext|est|int\.?\/ext|i\/e)[. ]/i.test(text) ? text : `.${text}`;
}

function shotParts({ prompt, fields }: EditShot): string[] {
  const parts = [action(fields.action || prompt)];
  for (const { speaker, words } of spokenLines(fields.dialogue)) {
    parts.push(speaker === '' ? action(words) : `@${speaker}\n${words}`);
  }
  if (fields.camera) parts.push(note(`Camera: ${fields.camera}`));
  if (fields.notes) parts.push(note(fields.notes));
  return parts.filter((part) => part !== '');
}

/** `!` forces action; every paragraph of it is one. */
function action(text: string): string {
  return paragraphs(text)
    .map((paragraph) => `!${paragraph}`)
    .join('\n\n');
}

function note(text: string): string {
  return `[[${paragraphs(text).join(' / ').replaceAll(']]', '] ]')}]]`;
}

/** The lines of a dialogue field: `NAME: words`, or words alone. */
export function spokenLines(dialogue: string): { speaker: string; words: string }[] {
  return dialogue
    .split(/\r\n|\r|\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const match = /^([^:]{1,40}):\s+(.+)$/.exec(line);
      return match ? { speaker: match[1] as string, words: match[2] as string } : { speaker: '', words: line };
    });
}

function paragraphs(text: string): string[] {
  return text
    .split(/(?:\r\n|\r|\n)+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
