import type { CSSProperties } from 'react';
import { bestRows, type ComparedFilm, cellText, comparisonTable, measureColumns } from '../../shared/lab/index.ts';
import { stripUrl, useStudio } from '../state/index.ts';
import { Button, Tooltip } from '../ui/index.ts';
import { type PlannedFilm, partAt } from './compared-films.ts';
import css from './comparison-grid.module.css';
import type { Column } from './use-comparison.ts';

export interface ComparisonGridProps {
  readonly columns: readonly Column[];
  /** Frame that all columns show. */
  readonly frame: number;
  /** Returns that do not count, by their index. */
  readonly leftOut: ReadonlySet<number>;
  readonly measuring: boolean;
  /** Null where the project is only looked at. */
  readonly adopt: ((film: PlannedFilm) => void) | null;
}

/** A column for each memory: its film, its numbers, and *use this one*. */
export function ComparisonGrid({ columns, frame, leftOut, measuring, adopt }: ComparisonGridProps) {
  const films = columns.map(({ measured }) => measured && withoutReturns(measured, leftOut));
  const table = comparisonTable(films.flatMap((film) => film ?? []));
  const cellOf = (column: number, measure: number) =>
    table.find(({ memory }) => memory === films[column]?.memory)?.cells[measure] ?? null;
  return (
    <table className={css.grid}>
      <thead>
        <tr>
          <td className={css.corner} />
          {columns.map(({ film, made, job }) => (
            <th key={film.choice.id} scope="col">
              <Film film={film} frame={frame} />
              <span className={css.name}>
                {film.choice.name}
                <span className={css.progress}>{progressText(film, made, job)}</span>
              </span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {measureColumns.map((measure, row) => {
          const cells = columns.map((_, column) => cellOf(column, row));
          const best = bestRows(cells, measure);
          return (
            <tr key={measure.id}>
              <th scope="row">
                <Tooltip text={measure.says}>
                  <span>{measure.title}</span>
                </Tooltip>
              </th>
              {cells.map((cell, column) => (
                <td key={columns[column]?.film.choice.id} data-best={best[column] || undefined} className="numbers">
                  {films[column] ? cellText(cell, measure) : measuring ? '…' : ''}
                </td>
              ))}
            </tr>
          );
        })}
        {adopt && (
          <tr data-export="skip">
            <td />
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

function Film({ film, frame }: { readonly film: PlannedFilm; readonly frame: number }) {
  const video = useStudio((state) => state.model?.video);
  const part = partAt(film, frame);
  const there = useStudio((state) => part !== null && state.chunks.has(part.key));
  const style = { aspectRatio: video ? `${video.width} / ${video.height}` : '5 / 3' };
  return (
    <span className={css.screen} style={style}>
      {part && there ? (
        // The strip has one frame below the other; it is moved so that one of them shows.
        <img
          src={stripUrl(part.key)}
          alt={`${film.choice.name}, frame ${frame + 1}`}
          draggable={false}
          style={{ '--frames': part.frames, '--frame': part.at } as CSSProperties}
        />
      ) : (
        <span className={css.missing}>not made yet</span>
      )}
    </span>
  );
}

function progressText({ parts }: PlannedFilm, made: number, job: Column['job']): string {
  if (made === parts.length) return '';
  const how = job === null ? '' : job.state === 'running' ? ', making' : `, ${job.state}`;
  return ` ${made} of ${parts.length} chunks${how}`;
}

function withoutReturns(film: ComparedFilm, leftOut: ReadonlySet<number>): ComparedFilm {
  if (leftOut.size === 0) return film;
  const returns = film.measures.returns.filter((_, i) => !leftOut.has(i));
  return { ...film, measures: { ...film.measures, returns } };
}
