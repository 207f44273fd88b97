import type { ExportWarnings } from '../../../../shared/api/types.ts';
import { keptResult } from '../../../../shared/labels.ts';
import type { ProjectShot } from '../../../../shared/project/document.ts';
import { shotTitle } from '../../../../shared/project/tree.ts';
import { generateShots } from '../../../actions/generate.ts';
import { useStory } from '../../../state/index.ts';
import { closeDialog } from '../../../state/view.ts';
import { Button } from '../../../ui/index.ts';
import { counted } from '../../words.ts';
import css from '../dialogs.module.css';

/** Shots named in one line; the rest are counted. */
const mostNamed = 4;

/** `“A red cat”, “The city” and 3 more shots`. */
function named(shots: readonly ProjectShot[]): string {
  const names = shots.slice(0, mostNamed).map((shot) => `“${shotTitle(shot)}”`);
  const rest = shots.length - names.length;
  return rest > 0 ? `${names.join(', ')} and ${counted(rest, 'more shot')}` : names.join(', ');
}

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
        {lines.map(({ ids, text }) => (
          <li key={text}>
            {named(ids.flatMap((id) => byId.get(id) ?? []))}: {text}
          </li>
        ))}
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
