import { useReactFlow } from '@xyflow/react';
import type { KeyboardEvent } from 'react';
import type { GraphLayout } from '../../shared/project/layout.ts';
import { goToChunk } from '../actions/shots.ts';
import { clearSelection, selectShots, useSelection, useStory } from '../state/index.ts';
import { closeTopLayer } from '../state/layers.ts';
import { focusPrompt } from '../state/view.ts';
import { type Direction, type Stop, step } from './navigate.ts';

const arrows: Record<string, Direction> = {
  ArrowLeft: 'left',
  ArrowRight: 'right',
  ArrowUp: 'up',
  ArrowDown: 'down',
};

/** Keys of the focused graph: arrows walk from chunk to chunk, Enter writes, Escape selects nothing. */
export function useGraphKeys(layout: GraphLayout, showAll: () => void) {
  const { zoomIn, zoomOut } = useReactFlow();
  return (event: KeyboardEvent<HTMLElement>) => {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement) return;
    // Enter presses a button that Tab leads to; those inside a shot are only for the mouse.
    if (event.key === 'Enter' && event.target instanceof HTMLButtonElement && event.target.tabIndex >= 0) return;
    const direction = arrows[event.key];
    const plain = !event.ctrlKey && !event.metaKey && !event.altKey;
    if (direction && plain) walk(direction);
    else if (event.key === 'Home' && plain) showAll();
    else if ((event.key === '+' || event.key === '=') && plain) void zoomIn();
    else if (event.key === '-' && plain) void zoomOut();
    else if (event.key === 'Enter' && plain) focusPrompt();
    else if (event.key === 'Escape') {
      if (!closeTopLayer()) clearSelection();
    } else if (event.key === 'a' && (event.ctrlKey || event.metaKey)) selectShots(layout.nodes.map(({ id }) => id));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  function walk(direction: Direction): void {
    const { byId, cuts } = useStory.getState();
    const { chunk, shotId, leaf } = useSelection.getState();
    const first = layout.nodes[0];
    if (!first) return;
    if (shotId === null) {
      goToChunk(first.id, 0);
      return;
    }
    const stops: Stop[] = layout.nodes.map((node) => {
      const shot = byId.get(node.id);
      return { ...node, parent: shot?.parent ?? null, chunks: shot?.chunks ?? 1 };
    });
    const onward = new Set(cuts.find((cut) => cut.leaf === leaf)?.shots.map(({ id }) => id));
    const next = step(stops, chunk ?? { shotId, indexInShot: 0 }, direction, onward);
    if (next) goToChunk(next.shotId, next.indexInShot);
  }
}
