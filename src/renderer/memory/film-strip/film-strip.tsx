import { Ban, Pin } from 'lucide-react';
import { useState } from 'react';
import type { MemoryRecord } from '../../../shared/memory-record.ts';
import { Button, cx } from '../../ui/index.ts';
import type { Direction } from '../directing/directions.ts';
import { type CutLine, describeFrame, labelFrame, titleFrame } from '../line/line.ts';
import { FrameGroup, FrameGroups } from '../parts/frame-group.tsx';
import { FramePicture } from '../parts/frame-picture.tsx';
import { Absent } from '../parts/section.tsx';
import { useTip } from '../parts/tip.tsx';
import { formatScore } from '../parts/value-scale.ts';
import css from './film-strip.module.css';
import { type FilmStripEntry, filmStrip, usesBank } from './remembered-frames.ts';

export interface FilmStripProps {
  readonly record: MemoryRecord;
  readonly line: CutLine;
  readonly directions: ReadonlyMap<number, Direction>;
  readonly selected: number | null;
  readonly onSelect: (frame: number) => void;
}

/** Frames shown of a group before the rest is asked for: whole rows. */
const firstShown = { bank: 9, dropped: 4 };

/** The frames this chunk could see, by what became of them. */
export function FilmStrip(props: FilmStripProps) {
  const { record } = props;
  const strip = filmStrip(record);
  const of = (...roles: readonly string[]): FilmStripEntry[] => strip.filter(({ role }) => roles.includes(role));
  const dropped = of('dropped');
  return (
    <FrameGroups>
      {usesBank(record) && (
        <Group
          name="Remembered"
          note="recalled for this chunk"
          entries={of('bank')}
          first={firstShown.bank}
          {...props}
          large
        >
          <Absent>
            {record.candidates.length === 0
              ? 'Nothing to recall yet: everything made so far is still in view below.'
              : 'Every remembered frame was passed over.'}
          </Absent>
        </Group>
      )}
      {dropped.length > 0 && (
        <Group
          name="Passed over"
          note={`${dropped.length} scored lower`}
          entries={dropped}
          first={firstShown.dropped}
          {...props}
        >
          {null}
        </Group>
      )}
      {of('banned').length > 0 && (
        <Group name="Never used" note="banned, so not scored" entries={of('banned')} {...props}>
          {null}
        </Group>
      )}
      <Group
        name="In view anyway"
        note="the beginning and what came just before"
        entries={of('sink', 'window')}
        {...props}
      >
        <Absent>Nothing: this chunk starts from an empty view.</Absent>
      </Group>
      <Group
        name="Added to memory"
        note={`this chunk’s own ${record.prototype === record.firstFrame ? 'first' : 'last'} frame`}
        entries={of('new')}
        {...props}
      >
        <Absent>This chunk adds no frame.</Absent>
      </Group>
    </FrameGroups>
  );
}

interface GroupProps extends FilmStripProps {
  readonly name: string;
  readonly note: string;
  readonly entries: readonly FilmStripEntry[];
  readonly large?: boolean;
  /** Shown before the rest is asked for; by default all. */
  readonly first?: number;
  /** In place of frames where there are none. */
  readonly children: React.ReactNode;
}

function Group({ name, note, entries, large = false, first = entries.length, children, ...rest }: GroupProps) {
  const [all, setAll] = useState(false);
  const shown = all ? entries : entries.slice(0, first);
  return (
    <FrameGroup
      name={name}
      note={note}
      across={large ? 3 : 4}
      frames={
        entries.length === 0
          ? null
          : shown.map((entry) => (
              <li key={entry.frame}>
                <Frame entry={entry} {...rest} />
              </li>
            ))
      }
      absent={children}
    >
      {entries.length > first && (
        <Button
          small
          look="plain"
          className={css.more}
          data-export="skip"
          aria-expanded={all}
          onClick={() => setAll(!all)}
        >
          {all ? 'Show fewer' : `Show all ${entries.length}`}
        </Button>
      )}
    </FrameGroup>
  );
}

const roleNames = {
  sink: 'beginning',
  window: 'just before',
  bank: 'remembered',
  dropped: 'passed over',
  banned: 'banned',
  new: 'new',
} as const;

function Frame({
  entry,
  record,
  line,
  directions,
  selected,
  onSelect,
}: { readonly entry: FilmStripEntry } & FilmStripProps) {
  const tip = useTip();
  const label = labelFrame(line, entry.frame);
  const { score, role, layers } = entry;
  const layerCount = record.bank.length;
  const direction = directions.get(entry.frame);
  const name = direction?.name ?? null;
  const words = [
    describeFrame(label),
    roleNames[role],
    score === null ? '' : `score ${formatScore(score)}`,
    role === 'bank' ? `kept by ${layers.length} of ${layerCount} layers` : '',
    direction ? (name === null ? 'never used' : `always remembered as ${name}`) : '',
  ].filter(Boolean);
  const details = (
    <>
      <b>
        {titleFrame(label)}, {label.timeCode}
      </b>
      <br />
      {score === null ? 'Not scored' : `Score ${score}, mean of ${layerCount} layers`}
      {role === 'bank' && (
        <>
          <br />
          Kept by{' '}
          {layers.length === layerCount ? 'every layer' : `layers ${layers.map((layer) => layer + 1).join(', ')}`}
        </>
      )}
      <br />
      Latent frame {entry.frame}
    </>
  );
  const show = (element: HTMLElement) => tip.show(element.getBoundingClientRect(), details);
  return (
    <button
      type="button"
      data-menu="frame"
      data-frame={entry.frame}
      className={cx(css.frame, css[role], entry.frame === selected && css.selected)}
      aria-label={words.join(', ')}
      aria-pressed={entry.frame === selected}
      onClick={() => onSelect(entry.frame)}
      onPointerEnter={(event) => show(event.currentTarget)}
      onPointerLeave={tip.hide}
      onFocus={(event) => event.currentTarget.matches(':focus-visible') && show(event.currentTarget)}
      onBlur={tip.hide}
    >
      <span className={css.picture}>
        <FramePicture label={label} />
        {direction && (
          <span className={css.mark}>{name === null ? <Ban size={11} /> : <Pin size={11} fill="currentColor" />}</span>
        )}
        {role === 'bank' && (
          <span className={css.layers}>
            {record.bank.map((_, layer) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a layer is its index
              <i key={layer} data-on={layers.includes(layer) || undefined} />
            ))}
          </span>
        )}
      </span>
      <span className={css.caption}>{name ?? label.shot}</span>
      <span className={css.numbers}>
        {score !== null && <b>{formatScore(score)}</b>} {label.timeCode}
      </span>
    </button>
  );
}
