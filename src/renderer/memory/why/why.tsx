import { useState } from 'react';
import { memoryKind } from '../../../shared/memories/index.ts';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { Button, cx } from '../../ui/index.ts';
import { meanScore } from '../film-strip/remembered-frames.ts';
import { type CutLine, labelFrame, titleFrame } from '../line/line.ts';
import { heatColour, heatInk } from '../parts/heat-colour.ts';
import { Absent, Legend, LegendSign } from '../parts/section.tsx';
import { useTip } from '../parts/tip.tsx';
import { formatScore } from '../parts/value-scale.ts';
import { spatialMap } from './attention-map.ts';
import { SpatialView } from './spatial-view.tsx';
import css from './why.module.css';
import { framesPulledBy, hasPulls, largestLift, wordPulls } from './word-pulls.ts';

export interface WhyProps {
  readonly record: MemoryRecord;
  readonly line: CutLine;
  /** The frame asked about. */
  readonly frame: number;
  readonly onSelect: (frame: number) => void;
}

/** Frames listed for a clicked word. */
const framesListed = 4;

/** The prompt's words by how much they drew the selected frame in, and the frame lit where the prompt looked. */
export function Why({ record, line, frame, onSelect }: WhyProps) {
  const [overlay, setOverlay] = useState(true);
  const [word, setWord] = useState<number | null>(null);
  const map = spatialMap(record, frame);
  const label = labelFrame(line, frame);
  const score = meanScore(record, frame);
  return (
    <div className={css.why}>
      <p className={css.which}>
        <b>{titleFrame(label)}</b> <span className={css.time}>{label.timeCode}</span>
        {score !== null && <span className={css.score}>score {formatScore(score)}</span>}
      </p>
      <SpatialView label={label} map={map} overlay={overlay} />
      <div className={css.under}>
        {map && <span>Lit where the prompt looked.</span>}
        {!map && hasPulls(record) && <span>Where it looked was kept for the best frames only.</span>}
        {map && (
          <Button small look="plain" data-export="skip" aria-pressed={overlay} onClick={() => setOverlay(!overlay)}>
            {overlay ? 'Show plain' : 'Show where'}
          </Button>
        )}
      </div>
      {hasPulls(record) ? (
        <Words record={record} frame={frame} word={word} onWord={setWord} />
      ) : (
        <Absent>
          {memoryKind(record.settings.mode).record.noWords ?? 'There was no frame for the words to pull in.'}
        </Absent>
      )}
      {word !== null && <WordFrames record={record} line={line} word={word} frame={frame} onSelect={onSelect} />}
    </div>
  );
}

interface WordsProps {
  readonly record: MemoryRecord;
  readonly frame: number;
  readonly word: number | null;
  readonly onWord: (word: number | null) => void;
}

function Words({ record, frame, word: chosen, onWord }: WordsProps) {
  const tip = useTip();
  const pulls = wordPulls(record, frame);
  if (!pulls)
    return <Absent>This frame was not retrieved: it is in view by its place, not for what the prompt says.</Absent>;
  return (
    <>
      <p className={css.words}>
        {pulls.map((word, i) => {
          const show = (element: HTMLElement) =>
            tip.show(
              element.getBoundingClientRect(),
              <>
                <b>“{word.text}”</b> {word.known ? '' : '(unknown to the model)'}
                <br />
                gave this frame {formatScore(word.pull)} of its attention: {word.lift.toFixed(2)}× an even share
              </>,
            );
          return (
            <button
              // biome-ignore lint/suspicious/noArrayIndexKey: the same word may come twice; its place is what it is
              key={i}
              type="button"
              className={cx(css.word, !word.known && css.unknown, i === chosen && css.chosen)}
              style={word.shade > 0 ? { background: heatColour(word.shade), color: heatInk(word.shade) } : {}}
              aria-pressed={i === chosen}
              aria-label={`${word.text}, pull ${formatScore(word.pull)}, ${word.lift.toFixed(1)} times an even share${word.known ? '' : ', unknown to the model'}`}
              onClick={() => onWord(i === chosen ? null : i)}
              onPointerEnter={(event) => show(event.currentTarget)}
              onPointerLeave={tip.hide}
              onFocus={(event) => event.currentTarget.matches(':focus-visible') && show(event.currentTarget)}
              onBlur={tip.hide}
            >
              {word.text}
            </button>
          );
        })}
      </p>
      <Legend of="pull" low="even share" high={`${largestLift(record).toFixed(1)}×`}>
        {pulls.some(({ known }) => !known) && (
          <LegendSign sign={<s className={css.unknown}>word</s>}>not known to the model</LegendSign>
        )}
      </Legend>
    </>
  );
}

function WordFrames({
  record,
  line,
  word,
  frame,
  onSelect,
}: Omit<WhyProps, 'frame'> & { readonly word: number; readonly frame: number }) {
  const pulled = framesPulledBy(record, word).slice(0, framesListed);
  const most = pulled[0]?.pull ?? 1;
  return (
    <div className={css.pulled}>
      <h4 className={css.heading}>“{record.words[word]?.text}” looked at</h4>
      <ul className={css.list}>
        {pulled.map((entry) => {
          const label = labelFrame(line, entry.frame);
          return (
            <li key={entry.frame}>
              <button
                type="button"
                className={css.row}
                aria-pressed={entry.frame === frame}
                onClick={() => onSelect(entry.frame)}
              >
                {label.picture ? (
                  <img className={css.thumb} src={label.picture} alt="" />
                ) : (
                  <span className={css.thumb} />
                )}
                <span className={css.name}>
                  {label.shot} <span className={css.time}>{label.timeCode}</span>
                </span>
                <span className={css.track}>
                  <span className={css.fill} style={{ width: `${(100 * entry.pull) / (most || 1)}%` }} />
                </span>
                <span className={css.value}>{formatScore(entry.pull)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </div>
  );
}
