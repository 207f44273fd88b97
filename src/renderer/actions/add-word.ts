import { dispatch, notify, useSelection, useStory } from '../state/index.ts';

/** Adds a word at the end of the prompt of the selected shot. */
export function addWord(word: string): void {
  const { shotId } = useSelection.getState();
  const shot = shotId === null ? undefined : useStory.getState().byId.get(shotId);
  if (!shot) return;
  // Before the full stop of a prompt that is a whole sentence.
  const [, text = '', stop = ''] = /^([\s\S]*?)\s*([.!?]*)\s*$/.exec(shot.prompt) ?? [];
  const prompt = `${text}${text === '' ? '' : ' '}${word}${stop}`;
  if (dispatch({ type: 'edit-shot', id: shot.id, patch: { prompt } }))
    notify({ level: 'info', message: `Added “${word}” to the prompt.` });
}
