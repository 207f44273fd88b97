import { useEffect, useState } from 'react';
import type { ExportTarget } from '../../../../shared/api/types.ts';
import { shotTitle } from '../../../../shared/project/tree.ts';
import { useSelection, useStory } from '../../../state/index.ts';

export type TargetKind = ExportTarget['kind'];

/** What can be exported now. */
export function targetOptions(): readonly { value: TargetKind; text: string; disabled?: boolean }[] {
  const { cuts } = useStory.getState();
  const { leaf, shotId } = useSelection.getState();
  const cut = cuts.find((candidate) => candidate.leaf === leaf);
  return [
    { value: 'cut', text: `The cut “${cut?.name ?? ''}”` },
    { value: 'shot', text: 'The selected shot', disabled: shotId === null },
    { value: 'every-cut', text: `Every cut (${cuts.length})`, disabled: cuts.length < 2 },
  ];
}

/** What a file of it may be called, without its ending: a shot by the name of the story and its own. */
export function suggestedName(title: string, target: ExportTarget): string {
  const shot = target.kind === 'shot' ? useStory.getState().byId.get(target.id) : undefined;
  return shot ? `${title} - ${shotTitle(shot)}` : title;
}

/** The target of the chosen kind; the same object until it changes. */
export function useTarget(kind: TargetKind, asked: ExportTarget): ExportTarget {
  const leaf = useSelection((state) => state.leaf);
  const shotId = useSelection((state) => state.shotId);
  const [target, setTarget] = useState(asked);
  useEffect(() => {
    if (kind === asked.kind) setTarget(asked);
    else if (kind === 'every-cut') setTarget({ kind });
    else if (kind === 'cut' && leaf !== null) setTarget({ kind, leaf });
    else if (kind === 'shot' && shotId !== null) setTarget({ kind, id: shotId });
  }, [kind, asked, leaf, shotId]);
  return target;
}
