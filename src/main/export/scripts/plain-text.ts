import type { EditPlan } from '../../../shared/edit/edit-plan.ts';

/** A story as plain text that Throughline reads back: the title, and a paragraph a shot with its prompt. */
export function writePlainText(plan: EditPlan): string {
  const title = plan.title.replace(/\s+/g, ' ').trim();
  const shots = plan.shots.map(({ prompt }) => prompt.replace(/\s+/g, ' ').trim()).filter((prompt) => prompt !== '');
  return `${[...(title ? [`# ${title}`] : []), ...shots].join('\n\n')}\n`;
}
