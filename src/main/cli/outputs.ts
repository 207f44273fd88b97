import { realpath, stat } from 'node:fs/promises';
import { dirname, extname, resolve } from 'node:path';
import { ThroughlineError } from '../../shared/errors.ts';
import { lookAtTarget, removeLeftovers, type Target } from '../files/index.ts';

interface OutputPaths {
  readonly out: string;
  readonly report?: string;
  readonly contactSheet?: string;
  /** Only read. */
  readonly sound?: string;
}

/** Where the results of a render go, as it was before the render began. */
export interface Outputs {
  readonly out: Target;
  readonly report: Target | null;
  readonly contactSheet: Target | null;
}

const endings = { out: '.mp4', report: '.json', contactSheet: '.png' } as const;
const optionNames = { out: '--out', report: '--report', contactSheet: '--contact-sheet' } as const;

/**
 * Finds, before any work, what would make writing the results fail at its end: a wrong ending, a folder that is not
 * there or read-only, two results in one file, a result over the story or over a file of the model. Files are told apart
 * by what they are, not by how they are called: links, linked folders and other spellings change nothing. What killed
 * renders left in those folders is removed.
 * @throws ThroughlineError `bad-input` naming the option
 */
export async function checkOutputs(paths: OutputPaths, storyPath: string, modelFolder: string): Promise<Outputs> {
  const guard = await OutputGuard.of(storyPath, modelFolder);
  if (paths.sound !== undefined) await guard.keep(paths.sound, 'the sound');
  const look = async (name: keyof typeof endings): Promise<Target | null> => {
    const path = paths[name];
    if (path === undefined) return null;
    const option = optionNames[name];
    if (extname(path).toLowerCase() !== endings[name])
      throw mistake(`${option} takes a name ending in ${endings[name]}, not ${path}`, 'Change the ending.');
    return guard.look(option, path);
  };
  const out = (await look('out')) as Target;
  return { out, report: await look('report'), contactSheet: await look('contactSheet') };
}

/** Looks at places for results, and keeps them from each other, from what they are made of, and from the model. */
export class OutputGuard {
  /** What each mark of a file says whose it is. */
  readonly #taken: Map<string, string>;
  readonly #model: string | null;

  private constructor(taken: Map<string, string>, model: string | null) {
    this.#taken = taken;
    this.#model = model;
  }

  static async of(storyPath: string, modelFolder: string): Promise<OutputGuard> {
    const story = await fileMarks(storyPath);
    return new OutputGuard(
      new Map(story.map((mark) => [mark, 'the story'])),
      await realpath(modelFolder).catch(() => null),
    );
  }

  /** Keeps a file that results are made of from being overwritten. @param owner as a sentence says it */
  async keep(path: string, owner: string): Promise<void> {
    for (const mark of await fileMarks(path)) this.#taken.set(mark, owner);
  }

  /**
   * A place for a result, as it is now. What killed runs left beside it is removed.
   * @param option that named it, for errors
   * @throws ThroughlineError `bad-input`
   */
  async look(option: string, path: string): Promise<Target> {
    const target = await lookAtTarget(path, true).catch((error) => {
      if (!(error instanceof ThroughlineError)) throw error;
      throw new ThroughlineError('bad-input', `${option}: ${error.message}`, error.hint, { cause: error });
    });
    const marks = [nameMark(target.path), ...(await fileMarks(target.path))];
    const owner = marks.map((mark) => this.#taken.get(mark)).find(Boolean);
    if (owner) throw mistake(`${option} would overwrite ${owner}: ${path}`, 'Give it another name.');
    if (target.before !== null && dirname(target.path) === this.#model)
      throw mistake(`${option} would overwrite a file of the model: ${path}`, 'Choose another folder.');
    for (const mark of marks) this.#taken.set(mark, `what ${option} names`);
    await removeLeftovers(dirname(target.path));
    return target;
  }
}

/** What tells a file that is there from others: its inode, and its one real name. */
async function fileMarks(path: string): Promise<string[]> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return [`${dev}:${ino}`, nameMark(await realpath(path))];
  } catch {
    return [];
  }
}

/** Where the system takes capitals for small letters, so do we. */
function nameMark(path: string): string {
  const name = resolve(path).normalize('NFC');
  return process.platform === 'linux' ? name : name.toLowerCase();
}

function mistake(message: string, hint: string): ThroughlineError {
  return new ThroughlineError('bad-input', message, hint);
}
