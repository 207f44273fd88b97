import { MemoryPanel } from '../memory/index.ts';
import { findSound, shotOfSound } from '../sound/placed-sounds.ts';
import { SoundTab } from '../sound/sound-tab.tsx';
import { useReadOnly, useSelection, useStory, useStudio } from '../state/index.ts';
import { EmptyState, Tabs } from '../ui/index.ts';
import css from './inspector.module.css';
import { SeveralShots } from './several-shots.tsx';
import { ShotTab } from './shot-tab.tsx';
import { StoryDefaults } from './story-defaults.tsx';
import { TakesTab } from './takes/takes-tab.tsx';

/** What is selected, to be read and changed. */
export function Inspector() {
  const shotId = useSelection((state) => state.shotId);
  const several = useSelection((state) => state.shotIds.size > 1);
  const tab = useSelection((state) => state.inspectorTab);
  const shot = useStory((state) => (shotId === null ? undefined : state.byId.get(shotId)));
  const takes = useStory((state) => (shotId === null ? 0 : (state.takesOf.get(shotId)?.length ?? 0)));
  const place = useSelection((state) => state.sound);
  const clip = useStudio((state) => findSound(state.document, place));
  const soundShot = useStudio((state) => shotOfSound(state.document, place));
  const readOnly = useReadOnly() !== null;
  const nothing = <EmptyState text="Select a shot in the graph to see and change it." />;
  return (
    <Tabs
      label="Inspector"
      value={tab === 'sound' && !clip ? 'shot' : tab}
      onChange={(inspectorTab) => useSelection.setState({ inspectorTab })}
      tabs={[
        {
          name: 'shot',
          label: 'Shot',
          content: (
            <fieldset className={css.bare} disabled={readOnly}>
              {several ? <SeveralShots /> : shot ? <ShotTab key={shot.id} shot={shot} /> : <StoryDefaults />}
            </fieldset>
          ),
        },
        { name: 'memory', label: 'Memory', tint: 'memory', content: <MemoryPanel /> },
        {
          name: 'takes',
          label: 'Takes',
          ...(takes > 0 ? { count: takes } : {}),
          content: shot ? <TakesTab key={shot.id} shot={shot} /> : nothing,
        },
        ...(clip && soundShot
          ? [
              {
                name: 'sound' as const,
                label: 'Sound',
                content: (
                  <fieldset className={css.bare} disabled={readOnly}>
                    <SoundTab key={clip.id} shotId={soundShot} clip={clip} />
                  </fieldset>
                ),
              },
            ]
          : []),
      ]}
    />
  );
}
