import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { type CutLine, describeFrame, labelFrame } from '../line/line.ts';
import { FrameGroup, FrameGroups } from '../parts/frame-group.tsx';
import { FramePicture } from '../parts/frame-picture.tsx';
import { Absent } from '../parts/section.tsx';
import { rowsOfPacks } from './pack-rows.ts';
import css from './packed-frames.module.css';

/** What a chunk saw of the past by distance: the further back, the more frames become one. */
export function PackedFrames({ record, line }: { readonly record: MemoryRecord; readonly line: CutLine }) {
  const rows = rowsOfPacks(record);
  if (rows.length === 0) return <Absent>Nothing: this chunk is the story’s first.</Absent>;
  return (
    <FrameGroups>
      {rows.map(({ name, coarse, tokens, packs }) => (
        <FrameGroup
          key={name}
          name={name}
          note={[...(coarse ? [coarse] : []), tokens === 1 ? '1 token' : `${tokens} tokens`].join(', ')}
          across={2}
          frames={packs.map((frames) => (
            <li key={frames.join()} aria-label={spoken(frames, line)}>
              <span className={css.pack}>
                {frames.map((frame) => (
                  <FramePicture key={frame} label={labelFrame(line, frame)} />
                ))}
              </span>
              <span className={css.time}>{span(frames, line)}</span>
            </li>
          ))}
        />
      ))}
    </FrameGroups>
  );
}

/** When a pack begins, and when its last frame does. */
function span(frames: readonly number[], line: CutLine): string {
  const times = [frames[0] as number, frames.at(-1) as number].map((frame) => labelFrame(line, frame).timeCode);
  return [...new Set(times)].join('–');
}

function spoken(frames: readonly number[], line: CutLine): string {
  const names = frames.map((frame) => describeFrame(labelFrame(line, frame)));
  return frames.length === 1 ? `${names[0]}, whole` : `${names.join(', ')}, as one`;
}
