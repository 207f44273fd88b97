import { MoveRight, Scissors } from 'lucide-react';
import { memo } from 'react';
import type { ShotId } from '../../shared/project/document.ts';
import { useStory } from '../state/index.ts';
import { beginningSentence, beginningWords } from './beginning-words.ts';
import css from './shot-node.module.css';

/** How a shot begins, on its card: with a cut or not, and why where that was left to the app. */
export const BeginningMark = memo(function BeginningMark({ shotId }: { readonly shotId: ShotId }) {
  // The same object until the shot is planned anew.
  const beginning = useStory((state) => state.plan?.beginningOf(shotId) ?? null);
  if (!beginning) return null;
  const Icon = beginning.transition === 'cut' ? Scissors : MoveRight;
  return (
    <span className={css.beginning} data-transition={beginning.transition} title={beginningSentence(beginning)}>
      <Icon size={11} aria-hidden="true" />
      <span>{beginningWords(beginning)}</span>
    </span>
  );
});
