import type { ExportWarnings } from '../../../../shared/api/types.ts';
import { keptResult } from '../../../../shared/labels.ts';
import { shotTitle } from '../../../../shared/project/tree.ts';
import { generateShots } from '../../../actions/generate.ts';
import { useStory } from '../../../state/index.ts';
import { closeDialog } from '../../../state/view.ts';
import { Button } from '../../../ui/index.ts';
import { counted } from '../../words.ts';
import css from '../dialogs.module.css';

/** Shots that would not be exported as their recipe says, and a way to make them first. */
export function Warnings({ warnings }: { readonly warnings: ExportWarnings }) {
  const byId = useStory((state) => state.byId);
  const lines = [
    { ids: warnings.missing, text: 'not made, and will be left out' },
    { ids: warnings.stale, text: 'stale: an older result will be used' },
    { ids: warnings.held, text: `${keptResult}, made before something changed` },
  ].filter(({ ids }) => ids.length > 0);
  if (lines.length === 0) return <p className={css.note}>Every shot is fresh.</p>;
  const repairable = [...warnings.missing, ...warnings.stale];
  return (
    <div className={css.warning} role="status">
      <ul>
        {lines.map(({ ids, text }) => {
          const [first] = ids.map((id) => byId.get(id));
          const what = ids.length === 1 && first ? `“${shotTitle(first)}”` : counted(ids.length, 'shot');
          return (
            <li key={text}>
              {what}: {text}
            </li>
          );
        })}
      </ul>
      {repairable.length > 0 && (
        <Button
          small
          style={{ marginTop: 8 }}
          onClick={() => {
            closeDialog();
            void generateShots(repairable);
          }}
        >
          Generate these first
        </Button>
      )}
    </div>
  );
}
