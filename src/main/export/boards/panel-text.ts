import type { EditPlan, EditShot } from '../../../shared/edit/edit-plan.ts';
import { timecodeOf } from '../../../shared/edit/timecode.ts';
import type { PanelField } from './options.ts';

/** A paragraph of a panel: its name in bold, empty for none, and its text. */
export interface PanelParagraph {
  readonly name: string;
  readonly text: string;
}

/** What stands at a panel, in order; fields that say nothing are left out. */
export function panelText(plan: EditPlan, shot: EditShot, fields: readonly PanelField[]): PanelParagraph[] {
  const { scene, action, dialogue, camera, notes } = shot.fields;
  const paragraphs: Readonly<Record<PanelField, PanelParagraph>> = {
    scene: { name: '', text: scene },
    prompt: { name: 'Prompt', text: shot.prompt },
    // A shot without an action of its own says what its prompt says, once.
    action: { name: '', text: action || (fields.includes('prompt') ? '' : shot.prompt) },
    dialogue: { name: 'Dialogue', text: dialogue },
    camera: { name: 'Camera', text: camera },
    notes: { name: 'Notes', text: notes },
    time: { name: '', text: timeText(plan, shot) },
  };
  return fields.map((field) => paragraphs[field]).filter(({ text }) => text.trim() !== '');
}

function timeText({ fps, startTimecodeFrame }: EditPlan, { startFrame, frameCount }: EditShot): string {
  if (frameCount === 0) return '';
  return `${timecodeOf(startTimecodeFrame + startFrame, fps)} · ${(frameCount / fps).toFixed(1)} s`;
}
