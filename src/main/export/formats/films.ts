import { randomUUID } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Target, writeFileAtomically } from '../../files/index.ts';
import { animaticPage } from './animatic-page.ts';
import { type FilmOptions, filmOptions } from './film-options.ts';
import { chaptersOf, FilmSink, rateNote } from './film-sink.ts';
import { FolderWriter } from './folder-sink.ts';
import {
  type FilmFrame,
  type FrameFormat,
  type FrameJob,
  type FrameSink,
  shownFramesOf,
  type Written,
} from './format.ts';
import { shotFileName } from './shot-file-name.ts';

/** The film: H.264, a chapter a shot. */
export const mp4: FrameFormat<FilmOptions> = {
  ...{
    id: 'mp4',
    label: 'Film (MP4)',
    ending: '.mp4',
    mime: 'video/mp4',
    defaultFps: null,
    needs: 'frames',
    hasSounds: true,
    options: filmOptions,
  },
  open: async (job) => {
    const film = await FilmSink.open(job, wholeFilm(job, job.target));
    return {
      add: async (frame) => (frame.part === 'shown' ? film.add(frame) : undefined),
      finish: async () => {
        const { path, notes } = await film.finish();
        return { path, notes: [...rateNote(job), ...notes] };
      },
      abort: () => film.abort(),
    };
  },
};

/** A folder with a film a shot, its handles included. */
export const clips: FrameFormat<FilmOptions> = {
  ...{
    id: 'clips',
    label: 'A clip per shot (MP4, a folder)',
    ending: '',
    mime: 'video/mp4',
    defaultFps: null,
    needs: 'frames',
    hasSounds: true,
    options: filmOptions,
  },
  open: async (job) => new ClipsSink(job, await FolderWriter.create(job.target)),
};

/** One HTML file with the film in it, a list of the shots beside it; it plays anywhere, offline. */
export const html: FrameFormat<FilmOptions> = {
  ...{
    id: 'html',
    label: 'Animatic (one HTML file)',
    ending: '.html',
    mime: 'text/html',
    defaultFps: null,
    needs: 'frames',
    hasSounds: true,
    options: filmOptions,
  },
  open: async (job) => {
    const path = join(tmpdir(), `throughline-${randomUUID()}.mp4`);
    const film = await FilmSink.open(job, wholeFilm(job, path));
    const drop = async (): Promise<void> => {
      await film.abort();
      await rm(path, { force: true });
    };
    return {
      add: async (frame) => (frame.part === 'shown' ? film.add(frame) : undefined),
      finish: async () => {
        try {
          const { width, height, notes } = await film.finish();
          const page = animaticPage(job.plan, await readFile(path), { width, height });
          return { path: await writeFileAtomically(job.target, page), notes: [...rateNote(job), ...notes] };
        } finally {
          await drop();
        }
      },
      abort: drop,
    };
  },
};

function wholeFilm({ plan, frames }: FrameJob<FilmOptions>, path: string | Target) {
  return { path, title: plan.title, chapters: chaptersOf(plan), frames: shownFramesOf(frames), startFrame: 0 };
}

class ClipsSink implements FrameSink {
  readonly #job: FrameJob<FilmOptions>;
  readonly #folder: FolderWriter;
  #clip: { readonly shot: number; readonly film: FilmSink } | null = null;
  readonly #notes = new Set<string>();

  constructor(job: FrameJob<FilmOptions>, folder: FolderWriter) {
    this.#job = job;
    this.#folder = folder;
  }

  async add(frame: FilmFrame): Promise<void> {
    // Of a shot whose shown part is not made, there is nothing but handles.
    if (this.#job.frames[frame.shot]?.shown === 0) return;
    if (this.#clip?.shot !== frame.shot) {
      await this.#finishClip();
      this.#clip = { shot: frame.shot, film: await this.#open(frame.shot) };
    }
    await this.#clip?.film.add(frame);
  }

  async finish(): Promise<Written> {
    await this.#finishClip();
    return { path: await this.#folder.finish(), notes: [...rateNote(this.#job), ...this.#notes] };
  }

  async #finishClip(): Promise<void> {
    const summary = await this.#clip?.film.finish();
    for (const note of summary?.notes ?? []) this.#notes.add(note);
  }

  async abort(): Promise<void> {
    await this.#clip?.film.abort();
    await this.#folder.abort();
  }

  #open(index: number): Promise<FilmSink> {
    const { plan, frames } = this.#job;
    const shot = plan.shots[index];
    const of = frames[index];
    if (!shot || !of) throw new Error(`there is no shot ${index} in the plan`);
    const name = shotFileName(shot, index);
    const startFrame = shot.startFrame - shot.headFrames;
    return FilmSink.open(this.#job, {
      path: this.#folder.pathOf(`${name}.mp4`),
      title: `${plan.title}: ${shot.title}`,
      chapters: [],
      frames: of.head + of.shown + of.tail,
      startFrame,
    });
  }
}
