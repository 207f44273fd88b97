import { actions } from '../../actions/table.ts';
import { closeDialog } from '../../state/view.ts';
import { Dialog, Keys } from '../../ui/index.ts';
import css from './dialogs.module.css';

/** Keys that panes answer themselves, beside those of the action table. */
const paneKeys: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  'In the graph': [
    ['Walk from chunk to chunk', '← → ↑ ↓'],
    ['Zoom', '+ -'],
    ['Select everything', 'Ctrl+A'],
    ['Select nothing', 'Esc'],
    ['Several shots', 'Ctrl+Click'],
    ['A rectangle', 'Shift+Drag'],
  ],
  'In the player': [
    ['Play or pause', 'Space'],
    ['Backward, stop, forward', 'J K L'],
    ['One frame', '← →'],
    ['Shot before, next shot', 'Shift+← Shift+→'],
    ['First and last frame', 'Home End'],
    ['In and out points', 'I O'],
    ['Clear in and out', 'X'],
    ['Trim a frame off the beginning, the end of the shot', 'Q W'],
    ['Give a trimmed frame back', 'Shift+Q Shift+W'],
    ['Full screen', 'F'],
  ],
};

/** Every key there is. */
export function ShortcutsDialog() {
  const groups = Map.groupBy(
    actions.filter(({ keys }) => keys.length > 0),
    ({ group }) => group,
  );
  return (
    <Dialog reading title="Keyboard shortcuts" onClose={closeDialog} width={720}>
      <div className={css.columns}>
        {[...groups].map(([group, list]) => (
          <section key={group}>
            <h3>{group}</h3>
            {list.map(({ name, keys }) => (
              <div key={name} className={css.key}>
                <span>{name.replace('…', '')}</span>
                <Keys keys={keys[0] ?? ''} />
              </div>
            ))}
          </section>
        ))}
        {Object.entries(paneKeys).map(([pane, list]) => (
          <section key={pane}>
            <h3>{pane}</h3>
            {list.map(([name, keys]) => (
              <div key={name} className={css.key}>
                <span>{name}</span>
                {keys.includes(' ') ? (
                  <span style={{ display: 'inline-flex', gap: 3 }}>
                    {keys.split(' ').map((key) => (
                      <Keys key={key} keys={key} />
                    ))}
                  </span>
                ) : (
                  <Keys keys={keys} />
                )}
              </div>
            ))}
          </section>
        ))}
      </div>
    </Dialog>
  );
}
