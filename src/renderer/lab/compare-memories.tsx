import { Download, Pause, Play } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Footage } from '../../shared/footage.ts';
import { adoptMemory, type Comparison, columnsOf, comparisonCsv } from '../../shared/lab/index.ts';
import type { MemoryChoice } from '../../shared/memories/index.ts';
import type { Cut } from '../../shared/project/tree.ts';
import { timeCode } from '../../shared/timing.ts';
import { costWords } from '../app/words.ts';
import { saveFile, saveImage } from '../memory/index.ts';
import { useCost } from '../state/cost.ts';
import { attempt, dispatch, notify, useActiveCut, useReadOnly, useStudio } from '../state/index.ts';
import { closeDialog } from '../state/view.ts';
import { Button, Dialog, EmptyState, Menu, Slider } from '../ui/index.ts';
import css from './compare-memories.module.css';
import { framesOf, type PlannedFilm } from './compared-films.ts';
import { ComparisonGrid } from './comparison-grid.tsx';
import { chunksOf, FootageBar, whyNoFootage } from './footage-bar.tsx';
import { type Column, makeFilms, stopFilms, useChoices, useComparison } from './use-comparison.ts';

/** Pixels left free beside the window. */
const margin = 48;
const largestWidth = 1900;
/** So many memories are chosen to begin with. */
const chosenAtFirst = 4;

/** *Compare memories*: the active cut under several memories, in step, with a table; one of them can be adopted. */
export function CompareMemories() {
  const cut = useActiveCut();
  const choices = useChoices();
  if (!cut || choices.length === 0) {
    return (
      <Dialog title="Compare memories" onClose={closeDialog}>
        <EmptyState
          text={cut ? 'The model is still being loaded.' : 'There is no story to compare yet. Write a shot first.'}
        />
      </Dialog>
    );
  }
  return <Compared cut={cut} choices={choices} />;
}

function Compared({ cut, choices }: { readonly cut: Cut; readonly choices: readonly MemoryChoice[] }) {
  const [chosen, setChosen] = useState<readonly MemoryChoice[]>(() => choices.slice(0, chosenAtFirst));
  const { columns, returns, measuring, model } = useComparison(cut, chosen);
  const [leftOut, setLeftOut] = useState<ReadonlySet<number>>(new Set());
  const readOnly = useReadOnly() !== null;
  const picture = useRef<HTMLDivElement>(null);
  const missing = columns.filter(({ film, made }) => made < film.parts.length);
  const [queueing, setQueueing] = useState<AbortController | null>(null);
  const working = queueing !== null || columns.some(({ job }) => job !== null);
  const footage = cut.shots[0]?.footage ?? null;
  const filmChunks = chunksOf(cut);
  const problem = columns.some(({ film }) => film.parts.length === 0);
  // Chunks that show footage are made before all others.
  const unseen = columns.some(({ film, made }) => made < film.parts.filter(({ given }) => given).length);
  const blind = footage && model && (problem || unseen) ? whyNoFootage(model, filmChunks) : null;
  const allGiven = footage !== null && footage.given >= filmChunks;
  const toggle = (choice: MemoryChoice) =>
    setChosen(choices.filter((one) => (one === choice ? !chosen.includes(one) : chosen.includes(one))));
  const cost = useCost(
    cut.shots.map(({ id }) => id),
    columns.map(({ film, made }) => `${film.parts.at(-1)?.key} ${made}`).join(),
    working ? [] : missing.map(({ film }) => film.choice.policy),
  );
  const compare = async () => {
    const stop = new AbortController();
    setQueueing(stop);
    const films = missing.map(({ film }) => film);
    await makeFilms(cut, films, stop.signal).finally(() => setQueueing(null));
  };
  const stop = () => {
    queueing?.abort();
    void stopFilms(columns);
  };
  const adopt = (film: PlannedFilm) => {
    dispatch(adoptMemory(cut.shots, film.choice.policy), null);
    notify({
      level: 'info',
      message: `“${cut.name}” now remembers by ${film.choice.name}${footage ? `, and begins with “${footage.name}”` : ''}. Its chunks are there already.`,
    });
    closeDialog();
  };
  return (
    <Dialog
      title="Compare memories"
      description={`“${cut.name}” under each memory: the same prompts and seeds, frame by frame in step.`}
      width={Math.min(largestWidth, window.innerWidth - margin)}
      onClose={closeDialog}
      footer={
        <>
          <SaveMenu cut={cut} columns={columns} returns={returns} picture={picture} />
          <span className={css.space} />
          {cost && !working && <span className={css.cost}>To make: {costWords(cost)}</span>}
          {missing.length === 0 && !working ? null : working ? (
            <Button onClick={stop}>Stop; what is made stays</Button>
          ) : (
            <Button
              look="making"
              disabled={problem || readOnly || blind !== null || allGiven}
              onClick={() => void compare()}
            >
              Compare
            </Button>
          )}
        </>
      }
    >
      <fieldset className={css.choices}>
        <legend>Memories</legend>
        {choices.map((choice) => (
          <label key={choice.id} title={choice.says}>
            <input
              type="checkbox"
              checked={chosen.includes(choice)}
              disabled={chosen.length === 1 && chosen.includes(choice)}
              onChange={() => toggle(choice)}
            />
            {choice.name}
          </label>
        ))}
        {chosen.length < choices.length && (
          <Button look="plain" small onClick={() => setChosen(choices)}>
            All {choices.length}
          </Button>
        )}
      </fieldset>
      <FootageBar cut={cut} disabled={readOnly || working} />
      {problem && blind === null && (
        <p className={css.note}>A shot of this cut cannot be generated. Its card says why.</p>
      )}
      {measuring.isError && (
        <p className={css.note}>The films could not be measured: {String(measuring.error.message)}</p>
      )}
      <Playing
        columns={columns}
        truth={footage}
        picture={picture}
        leftOut={leftOut}
        measuring={measuring.isFetching}
        adopt={readOnly ? null : adopt}
      />
      <Returns
        cut={cut}
        returns={returns}
        leftOut={leftOut}
        onChange={setLeftOut}
        measured={measuring.data !== undefined}
      />
    </Dialog>
  );
}

/** One time line for all columns. */
function Playing(props: {
  readonly columns: readonly Column[];
  readonly truth: Footage | null;
  readonly picture: React.RefObject<HTMLDivElement | null>;
  readonly leftOut: ReadonlySet<number>;
  readonly measuring: boolean;
  readonly adopt: ((film: PlannedFilm) => void) | null;
}) {
  const { columns, truth, picture, leftOut, measuring, adopt } = props;
  const fps = useStudio((state) => state.model?.video.fps ?? 8);
  const frames = Math.max(1, ...columns.map(({ film }) => framesOf(film)));
  const [running, setRunning] = useState(false);
  const [frame, setFrame] = useState(0);
  const shown = Math.min(frame, frames - 1);
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => setFrame((now) => (now + 1) % frames), 1000 / fps);
    return () => clearInterval(timer);
  }, [running, fps, frames]);
  return (
    <>
      <div ref={picture}>
        <ComparisonGrid
          columns={columns}
          truth={truth}
          frame={shown}
          leftOut={leftOut}
          measuring={measuring}
          adopt={adopt}
        />
      </div>
      <div className={css.time}>
        <Button small onClick={() => setRunning(!running)}>
          {running ? <Pause size={14} /> : <Play size={14} />}
          {running ? 'Stop' : 'Play'}
        </Button>
        <Slider label="Time" min={0} max={frames - 1} value={shown} onChange={setFrame} />
        <span className="numbers">
          {timeCode(shown / fps)} of {timeCode(frames / fps)}
        </span>
      </div>
    </>
  );
}

/** The places that the story comes back to; a person leaves out what only the prompts take for a return. */
function Returns(props: {
  readonly cut: Cut;
  readonly returns: Comparison['returns'];
  readonly leftOut: ReadonlySet<number>;
  readonly measured: boolean;
  readonly onChange: (leftOut: ReadonlySet<number>) => void;
}) {
  const { cut, returns, leftOut, measured, onChange } = props;
  if (!measured) return null;
  if (returns.length === 0) {
    return (
      <p className={css.note}>
        No prompt of this cut comes back to a place that it left, so how well a place is kept was not measured.
      </p>
    );
  }
  return (
    <fieldset className={css.choices}>
      <legend>Returns that are measured</legend>
      {returns.map(({ place, shot, back }, i) => (
        <label key={`${shot}-${back}`} title={`${cut.shots[shot]?.prompt} / ${cut.shots[back]?.prompt}`}>
          <input type="checkbox" checked={!leftOut.has(i)} onChange={() => onChange(toggled(leftOut, i))} />
          {place}: shot {shot + 1}, again in {back + 1}
        </label>
      ))}
    </fieldset>
  );
}

function SaveMenu(props: {
  readonly cut: Cut;
  readonly columns: readonly Column[];
  readonly returns: Comparison['returns'];
  readonly picture: React.RefObject<HTMLDivElement | null>;
}) {
  const { cut, columns, returns, picture } = props;
  const title = useStudio((state) => state.document?.title ?? 'Untitled');
  const prompts = useStudio((state) => state.document?.prompts);
  const model = useStudio((state) => state.model);
  const films = columns.flatMap(({ measured }) => measured ?? []);
  const name = `${title} memories`;
  if (films.length === 0 || !model) return null;
  const comparison = (): Comparison => ({
    format: 'throughline-comparison',
    version: 1,
    story: {
      format: 'throughline-story',
      version: 1,
      title,
      seed: cut.shots[0]?.seed ?? 0,
      ...(prompts ? { prompts } : {}),
      shots: cut.shots.map(({ prompt, chunks, seed, transition, told, memory }) => ({
        prompt,
        chunks,
        seed,
        transition,
        ...(told ? { told } : {}),
        memory,
      })),
    },
    model: { name: model.name, digest: model.digest, device: model.device },
    returns,
    films,
  });
  return (
    <Menu
      entries={[
        { text: 'Picture (PNG)', run: () => picture.current && void attempt(saveImage(picture.current, name)) },
        { text: 'Numbers (CSV)', run: () => saveFile(`${name}.csv`, 'text/csv', comparisonCsv(films)) },
        {
          text: 'Everything (JSON)',
          run: () => saveFile(`${name}.json`, 'application/json', JSON.stringify(comparison())),
        },
      ]}
    >
      <Button title={`Save ${columnsOf(films).length} measures of ${films.length} films`}>
        <Download size={14} />
        Save
      </Button>
    </Menu>
  );
}

function toggled(numbers: ReadonlySet<number>, one: number): ReadonlySet<number> {
  const next = new Set(numbers);
  if (!next.delete(one)) next.add(one);
  return next;
}
