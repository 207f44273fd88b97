import type { ChunkSummary, ProjectState } from '../../shared/api/types.ts';
import { type FrameSize, frameSizeText, isSameSize } from '../../shared/frame-size.ts';
import type { ShotStatus } from '../../shared/project/status.ts';
import { useStudio } from '../state/index.ts';
import css from './inspector.module.css';

/**
 * Names of the models that made what a shot shows, where that is not the story's model: each once, in the order of the shot.
 * @param names by digest, as far as they are known
 */
export function otherMakers(
  { chunks }: Pick<ShotStatus, 'chunks'>,
  stored: ReadonlyMap<string, Pick<ChunkSummary, 'madeWith'>>,
  storyModel: string | null,
  names: ProjectState['modelNames'] = {},
): string[] {
  const made = chunks.flatMap(({ shown }) => (shown === null ? [] : [stored.get(shown)?.madeWith?.digest ?? null]));
  const others = new Set(made.filter((digest) => digest !== null && digest !== storyModel));
  return [...new Set([...others].map((digest) => names[digest as string] ?? 'a model that is not known here'))];
}

/** Sizes of the frames that a shot shows of the story's own model, where they are others than the story's; each once. */
export function otherSizes(
  { chunks }: Pick<ShotStatus, 'chunks'>,
  stored: ReadonlyMap<string, Pick<ChunkSummary, 'madeWith'>>,
  story: { readonly digest: string; readonly video: FrameSize } | null,
): string[] {
  const made = chunks.flatMap(({ shown }) => (shown === null ? [] : [stored.get(shown)?.madeWith ?? null]));
  const others = made.filter((one) => one && story && one.digest === story.digest && !isSameSize(one, story.video));
  return [...new Set(others.map((one) => frameSizeText(one as FrameSize)))];
}

/** Says which other model made a shot, or what other size its frames have. */
export function MadeWith({ status }: { readonly status: ShotStatus }) {
  const chunks = useStudio((state) => state.chunks);
  const story = useStudio((state) => state.document?.model?.digest ?? state.model?.digest ?? null);
  const names = useStudio((state) => state.project?.modelNames);
  const makers = otherMakers(status, chunks, story, names);
  const model = useStudio((state) => state.model);
  const sizes = otherSizes(status, chunks, model);
  if (makers.length === 0 && sizes.length > 0)
    return <p className={css.estimate}>Its frames are {sizes.join(' and ')}, not of the story’s size.</p>;
  if (makers.length === 0) return null;
  return <p className={css.estimate}>Made with {makers.join(' and ')}, not with the story’s model.</p>;
}
