import type { CSSProperties } from 'react';
import type { Footage } from '../../shared/footage.ts';
import {
  bestRows,
  type ComparedFilm,
  cellText,
  comparisonTable,
  footageColumns,
  measureColumns,
} from '../../shared/lab/index.ts';
import { footageUrl, stripUrl, useStudio } from '../state/index.ts';
import { Button, Tooltip } from '../ui/index.ts';
import { type PlannedFilm, partAt } from './compared-films.ts';
import css from './comparison-grid.module.css';
import type { Column } from './use-comparison.ts';

export interface ComparisonGridProps {
  readonly columns: readonly Column[];
  /** The footage that the films begin with, in a column of its own. */
  readonly truth: Footage | null;
  /** Frame that all columns show. */
  readonly frame: number;
  /** Returns that do not count, by their index. */
  readonly leftOut: ReadonlySet<number>;
  readonly measuring: boolean;
  /** Null where the project is only looked at. */
  readonly adopt: ((film: PlannedFilm) => void) | null;
}

/** A column for each memory: its film, its numbers, and *use this one*. */
export function ComparisonGrid({ columns, truth, frame, leftOut, measuring, adopt }: ComparisonGridProps) {
  const films = columns.map(({ measured }) => measured && withoutReturns(measured, leftOut));
  const table = comparisonTable(films.flatMap((film) => film ?? []));
  const cellOf = (column: number, measure: number) =>
    table.find(({ memory }) => memory === films[column]?.memory)?.cells[measure] ?? null;
  const measures = truth ? [...footageColumns, ...measureColumns] : measureColumns;
  return (
    <table className={css.grid}>
      <thead>
        <tr>
          <td className={css.corner} />
          {truth && (
            <th scope="col">
              <TruthFilm footage={truth} frame={frame} />
              <span className={css.name}>
                Truth <span className={css.progress}>{truth.name}</span>
              </span>
            </th>
          )}
          {columns.map(({ film, made, job }) => (
            <th key={film.choice.id} scope="col">
              <MemoryFilm film={film} frame={frame} />
              <span className={css.name}>
                {film.choice.name}
                <span className={css.progress}>{progressText(film, made, job)}</span>
              </span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {measures.map((measure, row) => {
          const cells = columns.map((_, column) => cellOf(column, row));
          const best = bestRows(cells, measure);
          return (
            <tr key={measure.id}>
              <th scope="row">
                <Tooltip text={measure.says}>
                  <span>{measure.title}</span>
                </Tooltip>
              </th>
              {truth && <td />}
              {cells.map((cell, column) => (
                <td
                  key={columns[column]?.film.choice.id}
                  data-best={best[column] || undefined}
                  className="numbers"
                  title={films[column] && cell === null ? measure.absent : undefined}
                >
                  {films[column] ? cellText(cell, measure) : measuring && isWhole(columns[column]) ? '…' : ''}
                </td>
              ))}
            </tr>
          );
        })}
        {adopt && (
          <tr data-export="skip">
            <td />
            {truth && <td />}
            {columns.map(({ film, made }) => (
              <td key={film.choice.id}>
                <Button
                  small
                  disabled={made < film.parts.length || film.parts.length === 0}
                  aria-label={`Use ${film.choice.name}`}
                  onClick={() => adopt(film)}
                >
                  Use this one
                </Button>
              </td>
            ))}
          </tr>
        )}
      </tbody>
    </table>
  );
}

function MemoryFilm({ film, frame }: { readonly film: PlannedFilm; readonly frame: number }) {
  const part = partAt(film, frame);
  const there = useStudio((state) => part !== null && state.chunks.has(part.key));
  return (
    <Screen
      strip={part && there ? { url: stripUrl(part.key), ...part } : null}
      alt={`${film.choice.name}, frame ${frame + 1}`}
      missing="not made yet"
      given={part?.given ?? false}
    />
  );
}

/** The footage itself, in step with the films. */
function TruthFilm({ footage, frame }: { readonly footage: Footage; readonly frame: number }) {
  const facts = useStudio((state) => state.assets.get(footage.asset)?.footage);
  const parts = (facts?.strips ?? []).map(({ frames }, chunk) => ({ chunk, frames }));
  const part = partAt({ parts }, frame);
  return (
    <Screen
      strip={part && { url: footageUrl(footage.asset, part.chunk), ...part }}
      alt={`The footage, frame ${frame + 1}`}
      missing={facts ? 'the footage is over' : 'the footage is not there'}
      given={part !== null && part.chunk < footage.given}
    />
  );
}

/** One frame of a strip, which has a frame below the other; it is moved so that this one shows. */
function Screen(props: {
  readonly strip: { readonly url: string; readonly frames: number; readonly at: number } | null;
  readonly alt: string;
  readonly missing: string;
  readonly given: boolean;
}) {
  const { strip, alt, missing, given } = props;
  const video = useStudio((state) => state.model?.video);
  const style = { aspectRatio: video ? `${video.width} / ${video.height}` : '5 / 3' };
  return (
    <span className={css.screen} style={style}>
      {strip ? (
        <img
          src={strip.url}
          alt={alt}
          draggable={false}
          style={{ '--frames': strip.frames, '--frame': strip.at } as CSSProperties}
        />
      ) : (
        <span className={css.missing}>{missing}</span>
      )}
      {given && <span className={css.given}>given</span>}
    </span>
  );
}

function progressText({ parts }: PlannedFilm, made: number, job: Column['job']): string {
  if (made === parts.length) return '';
  const how = job === null ? '' : job.state === 'running' ? ', making' : `, ${job.state}`;
  return ` ${made} of ${parts.length} chunks${how}`;
}

function isWhole(column: Column | undefined): boolean {
  return column !== undefined && column.film.parts.length > 0 && column.made === column.film.parts.length;
}

function withoutReturns(film: ComparedFilm, leftOut: ReadonlySet<number>): ComparedFilm {
  if (leftOut.size === 0) return film;
  const returns = film.measures.returns.filter((_, i) => !leftOut.has(i));
  return { ...film, measures: { ...film.measures, returns } };
}
