import { useState } from 'react';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { Button } from '../../ui/index.ts';
import { type CutLine, describeFrame, labelFrame } from '../line/line.ts';
import { FrameGroup, FrameGroups } from '../parts/frame-group.tsx';
import { FramePicture } from '../parts/frame-picture.tsx';
import { Absent } from '../parts/section.tsx';
import css from './long-memory.module.css';
import { framesHeld, longMemoryOf, originsBesideFrames, percent } from './origins.ts';

/** Frames shown before the rest is asked for: whole rows. */
const shownFirst = 9;

/** Where the long memory comes from once a chunk is in it: word by word, frame by frame. */
export function LongMemory({ record, line }: { readonly record: MemoryRecord; readonly line: CutLine }) {
  const [all, setAll] = useState(false);
  const told = longMemoryOf(record);
  if (!told) return <Absent>Nothing was told of it when this chunk was made.</Absent>;
  const frames = framesHeld(told, all ? told.frames.length : shownFirst);
  const origins = originsBesideFrames(told);
  // Each group's bars by its own largest: words are soon little beside frames, and still differ.
  const mostOf = (all: readonly { readonly share: number }[]): number => Math.max(0, ...all.map(({ share }) => share));
  return (
    <FrameGroups>
      <FrameGroup
        name="Frames"
        note={`${percent(told.kept)} kept of the memory before`}
        across={3}
        frames={frames.map(({ frame, share }) => (
          <li key={frame} aria-label={`${describeFrame(labelFrame(line, frame))}: ${percent(share)}`}>
            <FramePicture label={labelFrame(line, frame)} className={css.picture} />
            <Bar share={share} most={mostOf(told.frames)} />
            <span className={css.numbers}>
              {labelFrame(line, frame).timeCode} <b>{percent(share)}</b>
            </span>
          </li>
        ))}
      >
        {told.frames.length > shownFirst && (
          <Button
            small
            look="plain"
            className={css.more}
            data-export="skip"
            aria-expanded={all}
            onClick={() => setAll(!all)}
          >
            {all ? 'Show fewer' : `Show all ${told.frames.length}`}
          </Button>
        )}
      </FrameGroup>
      <div>
        <h4 className={css.name}>
          Words <span className={css.note}>of the story’s first prompt</span>
        </h4>
        <ul className={css.words}>
          {origins.map(({ name, share }, i) => (
            // A prompt may say a word twice.
            // biome-ignore lint/suspicious/noArrayIndexKey: words of one prompt keep their places
            <li key={i} className={css.word}>
              <span className={css.text}>{name}</span>
              <Bar share={share} most={mostOf(origins)} />
              <span className={css.numbers}>{percent(share)}</span>
            </li>
          ))}
        </ul>
      </div>
    </FrameGroups>
  );
}

function Bar({ share, most }: { readonly share: number; readonly most: number }) {
  return (
    <span className={css.bar}>
      <span className={css.filled} style={{ width: `${most > 0 ? (100 * share) / most : 0}%` }} />
    </span>
  );
}
