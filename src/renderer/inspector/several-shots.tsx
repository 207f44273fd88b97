import { useMemo } from 'react';
import { generate } from '../actions/generate.ts';
import { copyShots, deleteSelected, duplicateShots } from '../actions/shots.ts';
import { counted, timeLeft } from '../app/words.ts';
import { useSelection, useStory, useStudio } from '../state/index.ts';
import { Button } from '../ui/index.ts';
import { FieldsOfMany } from './fields-of-many.tsx';
import css from './inspector.module.css';
import { RecipeFields } from './recipe-fields.tsx';

/** What can be done with several shots at once. */
export function SeveralShots() {
  const shotIds = useSelection((state) => state.shotIds);
  const byId = useStory((state) => state.byId);
  const model = useStudio((state) => state.model);
  const shots = useMemo(() => [...shotIds].flatMap((id) => byId.get(id) ?? []), [shotIds, byId]);
  const chunks = [...shotIds].reduce((sum, id) => sum + (byId.get(id)?.chunks ?? 0), 0);
  const seconds = model ? (chunks * model.chunkFrames * 4) / model.video.fps : null;
  return (
    <div className={css.many}>
      <p>
        {counted(shotIds.size, 'shot')}, {counted(chunks, 'chunk')}
        {seconds === null ? '' : `, about ${timeLeft(seconds)}`} selected.
      </p>
      <div className={css.buttons}>
        <Button look="making" onClick={() => void generate('shot')}>
          Generate them
        </Button>
        <Button onClick={duplicateShots}>Duplicate</Button>
        <Button onClick={copyShots}>Copy</Button>
        <Button onClick={deleteSelected}>Delete…</Button>
      </div>
      <RecipeFields shots={shots} />
      <FieldsOfMany shots={shots} />
    </div>
  );
}
