import { Command } from 'cmdk';
import { Dialog as Radix } from 'radix-ui';
import { shotTitle } from '../../../shared/project/tree.ts';
import { goToChunk } from '../../actions/shots.ts';
import { actions, usable } from '../../actions/table.ts';
import { useStory } from '../../state/index.ts';
import { closeDialog } from '../../state/view.ts';
import { Keys } from '../../ui/index.ts';
import css from './palette.module.css';

/** Shots that are offered at most; typing narrows them down. */
const maxShots = 200;

/** Every action, and every shot to go to, by typing a part of its name. */
export function Palette() {
  const shots = useStory((state) => state.document?.shots ?? []);
  const choose = (run: () => void) => {
    closeDialog();
    // Once the palette is gone and the focus is back, so that the action may move it.
    setTimeout(run);
  };
  return (
    <Radix.Root open onOpenChange={(open) => !open && closeDialog()}>
      <Radix.Portal>
        <Radix.Overlay className={css.scrim} />
        <Radix.Content className={css.palette} aria-describedby={undefined}>
          <Radix.Title className="visually-hidden">Command palette</Radix.Title>
          <Command label="Commands" loop>
            <Command.Input placeholder="Do something, or go to a shot" autoFocus />
            <Command.List>
              <Command.Empty>Nothing is called that.</Command.Empty>
              <Command.Group heading="Actions">
                {actions
                  .filter((action) => usable(action) && action.name !== 'Command palette')
                  .map(({ name, keys, run }) => (
                    <Command.Item key={name} value={name} onSelect={() => choose(run)}>
                      <span>{name}</span>
                      {keys[0] !== undefined && <Keys keys={keys[0]} />}
                    </Command.Item>
                  ))}
              </Command.Group>
              {shots.length > 0 && (
                <Command.Group heading="Shots">
                  {shots.slice(0, maxShots).map((shot) => (
                    <Command.Item
                      key={shot.id}
                      value={`${shot.name} ${shot.prompt} ${shot.id}`}
                      onSelect={() => choose(() => goToChunk(shot.id, 0))}
                    >
                      <span>{shotTitle(shot)}</span>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
