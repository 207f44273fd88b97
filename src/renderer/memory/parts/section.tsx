import { Download } from 'lucide-react';
import { type ReactNode, useId, useRef } from 'react';
import { attempt } from '../../state/index.ts';
import { IconButton, Menu } from '../../ui/index.ts';
import { saveFile, saveImage } from '../saving/save-view.ts';
import type { Table } from '../saving/tables.ts';
import { toCsv, toJson } from '../saving/tables.ts';
import { heatGradient } from './heat-colour.ts';
import css from './section.module.css';

export interface SectionProps {
  readonly title: string;
  /** One sentence: what it shows. */
  readonly about: ReactNode;
  /** Beginning of the names of exported files. */
  readonly fileName: string;
  /** The numbers behind the view; asked for when they are exported. Null: there is nothing to export. */
  readonly table: (() => Table) | null;
  readonly children: ReactNode;
}

/** One view: what it shows in a sentence, the picture, and a menu that saves it or its numbers. */
export function Section({ title, about, fileName, table, children }: SectionProps) {
  const id = useId();
  const view = useRef<HTMLElement>(null);
  return (
    <section className={css.section} aria-labelledby={id} ref={view}>
      <header className={css.head}>
        <h3 id={id} className={css.title}>
          {title}
        </h3>
        {table && (
          <span data-export="skip">
            <Menu
              align="end"
              entries={[
                {
                  text: 'Save picture',
                  hint: 'PNG',
                  run: () => view.current && attempt(saveImage(view.current, fileName)),
                },
                {
                  text: 'Save numbers',
                  hint: 'CSV',
                  run: () => saveFile(`${fileName}.csv`, 'text/csv', toCsv(table())),
                },
                {
                  text: 'Save numbers',
                  hint: 'JSON',
                  run: () => saveFile(`${fileName}.json`, 'application/json', toJson(table())),
                },
              ]}
            >
              <IconButton small label={`Export “${title}”`}>
                <Download size={14} />
              </IconButton>
            </Menu>
          </span>
        )}
      </header>
      <p className={css.about}>{about}</p>
      {children}
    </section>
  );
}

export interface LegendProps {
  /** What a shade stands for. */
  readonly of: string;
  readonly low: string;
  readonly high: string;
  /** Other signs of the view. */
  readonly children?: ReactNode;
}

/** The colour scale with its ends, and what other signs mean. */
export function Legend({ of, low, high, children }: LegendProps) {
  return (
    <div className={css.legend}>
      <span className={css.scale}>
        {of} <span className="numbers">{low}</span>
        <span className={css.bar} style={{ backgroundImage: heatGradient }} />
        <span className="numbers">{high}</span>
      </span>
      {children}
    </div>
  );
}

/** A sign and what it means. */
export function LegendSign({ sign, children }: { readonly sign: ReactNode; readonly children: ReactNode }) {
  return (
    <span className={css.sign}>
      {sign}
      {children}
    </span>
  );
}

/** Said in place of a view that has nothing to draw. */
export function Absent({ children }: { readonly children: ReactNode }) {
  return <p className={css.absent}>{children}</p>;
}
