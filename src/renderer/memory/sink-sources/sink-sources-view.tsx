import { describeFrame, labelFrame } from '../line/line.ts';
import { percent } from '../long-memory/origins.ts';
import { FrameGroup, FrameGroups } from '../parts/frame-group.tsx';
import { FramePicture } from '../parts/frame-picture.tsx';
import type { ShownChunk } from '../parts/own-section.ts';
import { Absent } from '../parts/section.tsx';
import css from './sink-sources.module.css';
import { beginningShare, blended, sinkToldBy } from './sink-sources.ts';

/** Chunks shown by a picture: whole rows. */
const shown = 9;

/** How much of the sink is still the story's beginning, and what was blended into it. */
export function SinkSources({ record, line }: ShownChunk) {
  const told = sinkToldBy(record);
  if (!told) return <Absent>Nothing: this chunk is the story’s first.</Absent>;
  const newest = blended(told);
  const before = told.rest + newest.slice(shown).reduce((sum, { share }) => sum + share, 0);
  const picture = (frame: number) => <FramePicture label={labelFrame(line, frame)} className={css.picture} />;
  const item = ({ frame, share }: { readonly frame: number; readonly share: number }) => (
    <li key={frame} aria-label={`Chunk of ${describeFrame(labelFrame(line, frame))}: ${percent(share)}`}>
      {picture(frame)}
      <span className={css.numbers}>
        {labelFrame(line, frame).timeCode} <b>{percent(share)}</b>
      </span>
    </li>
  );
  return (
    <FrameGroups>
      <FrameGroup
        name="The beginning"
        note="the story’s first chunk"
        across={3}
        frames={item({ frame: 0, share: beginningShare(told) })}
      />
      <FrameGroup
        name="Blended in"
        note={`${percent(1 - told.alpha)} of a chunk at a time, the newest first`}
        across={3}
        frames={newest.length > 0 ? newest.slice(0, shown).map(item) : null}
        absent={<Absent>Nothing has left the window yet.</Absent>}
      >
        {before > 0 && <p className={css.numbers}>Chunks before those: {percent(before)}</p>}
      </FrameGroup>
      <FrameGroup
        name="Just before"
        note="seen as they are"
        across={3}
        frames={
          record.window.length > 0
            ? record.window.map((frame) => (
                <li key={frame} aria-label={describeFrame(labelFrame(line, frame))}>
                  {picture(frame)}
                </li>
              ))
            : null
        }
        absent={<Absent>None: the chunk follows the story’s first one or a cut.</Absent>}
      />
    </FrameGroups>
  );
}
