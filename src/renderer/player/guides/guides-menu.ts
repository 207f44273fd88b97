import type { MenuEntry } from '../../ui/index.ts';
import { useLooks } from '../looks.ts';
import { masks } from './areas.ts';

/** Guides to show and hide, for the player's button and its context menu. */
export function guideEntries(): MenuEntry[] {
  const looks = useLooks.getState();
  const toggle = (name: 'thirds' | 'safeAreas' | 'centre', text: string, hint?: string): MenuEntry => ({
    text,
    checked: looks[name],
    ...(hint === undefined ? {} : { hint }),
    run: () => useLooks.setState({ [name]: !looks[name] }),
  });
  return [
    toggle('thirds', 'Thirds'),
    toggle('safeAreas', 'Safe areas', 'action 93 %, title 90 %'),
    toggle('centre', 'Centre'),
    { kind: 'label', text: 'Mask' },
    { text: 'None', checked: looks.mask === null, run: () => useLooks.setState({ mask: null }) },
    ...masks.map(
      ({ name }): MenuEntry => ({
        text: name,
        checked: looks.mask === name,
        run: () => useLooks.setState({ mask: name }),
      }),
    ),
  ];
}
