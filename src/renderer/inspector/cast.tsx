import { useMemo } from 'react';
import type { ProjectShot } from '../../shared/project/document.ts';
import { pathTo } from '../../shared/project/tree.ts';
import { CastList, directionsAt, useSelectedLine } from '../memory/index.ts';
import { useSelection, useStory } from '../state/index.ts';
import { Field } from '../ui/index.ts';

/** The frames this shot always remembers, by name, and those it never uses; said here or in a shot before. */
export function Cast({ shot }: { readonly shot: ProjectShot }) {
  const document = useStory((state) => state.document);
  const selected = useSelectedLine();
  const directions = useMemo(
    () => (document ? directionsAt(document.memory, pathTo(document, shot.id)) : new Map<never, never>()),
    [document, shot.id],
  );
  if (!selected || directions.size === 0) return null;
  return (
    <Field label="Cast and bans" help="Frames join the cast, or are banned, in the Memory tab.">
      {() => (
        <CastList
          line={selected.line}
          shotId={shot.id}
          directions={directions}
          onSelect={() => useSelection.setState({ inspectorTab: 'memory' })}
        />
      )}
    </Field>
  );
}
