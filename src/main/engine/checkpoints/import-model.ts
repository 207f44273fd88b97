import {
  copyFileSync,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { ThroughlineError } from '../../../shared/errors.ts';
import { memoryKind } from '../../../shared/memories/index.ts';
import { makeFolder } from '../../files/index.ts';
import { parseModelConfig } from '../model/config.ts';
import { PromptTokenizer } from '../model/tokenizer/index.ts';
import { openCheckpoint } from './containers/index.ts';
import type { TextSizes } from './families.ts';
import { type LowRank, loraPairs, type MatMul } from './lora.ts';
import { plainDigest, writeModelDigest } from './model-digest.ts';
import { chooseParts, configOf, type ModelSettings, type Part } from './model-parts.ts';
import { chooseRoot } from './names.ts';
import { planPart } from './plan-part.ts';
import { elementCount } from './stored-tensor.ts';
import { type SurveyOptions, survey } from './survey.ts';
import { blockSize, type QuantBits } from './writing/quantize.ts';
import { type PlannedTensor, type WrittenTensor, writeWeights } from './writing/weights-writer.ts';

export interface ImportRequest extends SurveyOptions {
  /** Files and folders that hold the parts. */
  readonly paths: readonly string[];
  /** Folder to be made; nothing may be there yet. */
  readonly target: string;
  readonly name: string;
  readonly settings: ModelSettings;
  /** The LoRA to merge: one of `paths`. Where none is given, one that lies beside the generator is merged. */
  readonly lora?: string;
  readonly loraAlpha?: number;
  /** Of a model with two DiTs (MAG), the one that remembers: one of `paths`, or a file in one. */
  readonly memoryModel?: string;
  readonly multiply: MatMul;
  /** How the text encoder's matrices are stored; int8 unless said, and fp16 where its widths do not fall into blocks. */
  readonly textType?: 'int4' | 'int8' | 'fp16';
  /** Free bytes where a folder lies; asked of the system unless given. */
  readonly freeBytes?: (folder: string) => number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ImportProgress) => void;
}
export interface ImportProgress {
  /** File being written. */
  readonly part: string;
  readonly doneBytes: number;
  /** Of all parts, as estimated. */
  readonly ofBytes: number;
}
export interface ImportReport {
  readonly folder: string;
  readonly digest: string;
  readonly parts: readonly PartReport[];
  /** Files that one may have expected in the model and that are not in it, a sentence each. */
  readonly notUsed: readonly string[];
}
export interface PartReport {
  readonly file: string;
  readonly from: string;
  /** The dictionary that was taken of the file, and others that were not. */
  readonly root: string;
  readonly notTaken: readonly string[];
  readonly lora: string | null;
  readonly tensors: readonly WrittenTensor[];
}

/** Room to leave on the disk beyond what is written. */
const spareBytes = 256 * 1024 ** 2;

/**
 * Writes a model folder from checkpoints of any container: weights in fp16, what leaves its range in fp32, each counted in the
 * report; configuration from shapes and settings; digests. All is written under a partial name that becomes `target` at the
 * end. An import that was stopped goes on with the first part that is not whole.
 * @throws ThroughlineError naming what is missing, what does not fit, or the space that is missing; CancelledError
 */
export async function importModel(request: ImportRequest): Promise<ImportReport> {
  const { target, settings } = request;
  if (existsSync(target)) {
    throw new ThroughlineError(
      'bad-input',
      `There is already a model at ${target}.`,
      'Remove it, or choose another name.',
    );
  }
  const { weights } = memoryKind(settings.memory.mode).needs;
  const needsTwo = (weights ?? []).length > 0;
  if (needsTwo && request.memoryModel === undefined) {
    throw new ThroughlineError(
      'bad-input',
      'A model that runs like MAG has two generators, and the one that remembers was not named.',
      'Name it with --memory-model on the command line, or tick both in the window.',
    );
  }
  if (!needsTwo && request.memoryModel !== undefined) {
    throw new ThroughlineError(
      'bad-input',
      'Only a model that runs like MAG has a second generator that remembers.',
      'Say --like mag, or leave --memory-model out.',
    );
  }
  const files = survey(request.paths, request);
  const chosen = chooseParts(files, request);
  const bits = textBits(request.textType ?? 'int8', chosen.text);
  const config = configOf(request.name, settings, chosen, bits);
  parseModelConfig(JSON.stringify(config), 'The new model');
  const { tokenizer } = chosen;
  PromptTokenizer.open(tokenizer, config.text);
  const partial = `${target}.partial`;
  const journal = Journal.open(partial, request);
  const made = makeFolder(partial);
  const ofBytes = chosen.parts.reduce((sum, part) => sum + estimatedBytes(part), 0);
  try {
    checkSpace(partial, ofBytes - journal.doneBytes, request.freeBytes ?? freeBytes);
  } catch (error) {
    if (made) rmSync(made, { recursive: true, force: true }); // nothing was begun
    throw error;
  }

  let doneBytes = 0;
  const reports: PartReport[] = [];
  const digests = new Map<string, string>();
  for (const part of chosen.parts) {
    const known = journal.done(part);
    if (known) {
      reports.push(known.report);
      digests.set(part.target, known.sha256);
      doneBytes += statSync(join(partial, part.target)).size;
      continue;
    }
    const partBits = part.family.family === 'text' ? bits : null;
    const { report, sha256 } = await writePart(part, partial, request, partBits, (bytes) => {
      doneBytes += bytes;
      request.onProgress?.({ part: part.target, doneBytes, ofBytes });
    });
    journal.add(part, report, sha256);
    reports.push(report);
    digests.set(part.target, sha256);
  }
  copyFileSync(tokenizer, join(partial, 'tokenizer.json'));
  writeFileSync(join(partial, 'config.json'), `${JSON.stringify(config, null, 2)}\n`);
  writeFileSync(join(partial, 'import-report.json'), `${JSON.stringify({ parts: reports }, null, 1)}\n`);
  for (const name of ['tokenizer.json', 'config.json']) digests.set(name, plainDigest(join(partial, name)));
  const digest = writeModelDigest(partial, digests);
  journal.remove();
  renameSync(partial, target);
  return { folder: target, digest, parts: reports, notUsed: chosen.notUsed };
}

async function writePart(
  part: Part,
  partial: string,
  request: ImportRequest,
  bits: QuantBits | null,
  onBytes: (bytes: number) => void,
): Promise<{ report: PartReport; sha256: string }> {
  const ema = request.ema ?? true;
  const checkpoint = openCheckpoint(part.path);
  const adapter = part.lora ? openCheckpoint(part.lora) : null;
  try {
    const lora: ReadonlyMap<string, LowRank> = adapter
      ? await loraPairs(adapter.name, chooseRoot(adapter.name, adapter.entries).tensors, request.loraAlpha)
      : new Map();
    const tensors = await planPart(checkpoint, part.family, { ema, lora, multiply: request.multiply, bits });
    const file = join(partial, part.target);
    const unfinished = `${file}.writing`;
    rmSync(unfinished, { force: true });
    const { written, sha256 } = await spaceErrors(partial, () =>
      writeWeights(unfinished, ordered(tensors), { signal: request.signal, onBytes }),
    );
    renameSync(unfinished, file);
    const { root, others } = chooseRoot(checkpoint.name, checkpoint.entries, ema);
    const report: PartReport = {
      file: part.target,
      from: basename(part.path),
      root,
      notTaken: others,
      lora: part.lora ? basename(part.lora) : null,
      tensors: written,
    };
    return { report, sha256 };
  } finally {
    checkpoint.dispose();
    adapter?.dispose();
  }
}

/** Blocks lie along rows, so every matrix must be a multiple of them wide. */
function textBits(type: 'int4' | 'int8' | 'fp16', { dim, ffnDim, heads, headDim }: TextSizes): QuantBits | null {
  if (type === 'fp16' || [dim, ffnDim, heads * headDim].some((width) => width % blockSize !== 0)) return null;
  return type === 'int4' ? 4 : 8;
}

/** In the order they lie in the file, so that a disk reads on and on. */
function ordered(tensors: readonly PlannedTensor[]): PlannedTensor[] {
  return [...tensors].sort(
    (a, b) => a.tensor.source.name.localeCompare(b.tensor.source.name) || a.tensor.offsetBytes - b.tensor.offsetBytes,
  );
}

function estimatedBytes({ path, family }: Part): number {
  const checkpoint = openCheckpoint(path);
  try {
    const { tensors } = chooseRoot(checkpoint.name, checkpoint.entries);
    const elements = [...tensors.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
    return family.family === 'lora' ? 0 : 2 * elements;
  } finally {
    checkpoint.dispose();
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}

function checkSpace(folder: string, neededBytes: number, freeOf: (folder: string) => number): void {
  const free = freeOf(folder);
  if (free >= neededBytes + spareBytes) return;
  throw notEnoughSpace(folder, neededBytes + spareBytes, free);
}

function notEnoughSpace(folder: string, needed: number, free: number): ThroughlineError {
  const gigabytes = (bytes: number): string => (bytes / 1e9).toFixed(1);
  return new ThroughlineError(
    'bad-input',
    `The import needs ${gigabytes(needed)} GB in ${dirname(folder)}, and ${gigabytes(free)} GB are free.`,
    'Free some space, or choose another folder.',
  );
}

/** A disk that becomes full on the way is told as that. */
async function spaceErrors<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if ((cause as { code?: string }).code !== 'ENOSPC' && (cause as { code?: string }).code !== 'EDQUOT') throw cause;
    throw new ThroughlineError(
      'bad-input',
      `The disk is full: ${(freeBytes(folder) / 1e9).toFixed(1)} GB are left in ${dirname(folder)}.`,
      'Free some space and import again: what is done is kept.',
      { cause },
    );
  }
}

const journalSchema = z.object({
  /** What was asked for: another request begins anew. */
  request: z.string(),
  parts: z.record(z.string(), z.object({ source: z.string(), sha256: z.string(), report: z.custom<PartReport>() })),
});

/** Says which parts of an unfinished import are whole. */
class Journal {
  readonly #folder: string;
  readonly #state: z.infer<typeof journalSchema>;

  private constructor(folder: string, state: z.infer<typeof journalSchema>) {
    this.#folder = folder;
    this.#state = state;
  }

  static open(folder: string, { name, ema, loraAlpha, heads, textType }: ImportRequest): Journal {
    const request = JSON.stringify({ name, ema: ema ?? true, loraAlpha, heads, textType });
    try {
      const state = journalSchema.parse(JSON.parse(readFileSync(join(folder, 'import.json'), 'utf8')));
      if (state.request === request) return new Journal(folder, state);
    } catch {
      // None, or one that was cut off: begin anew.
    }
    rmSync(folder, { recursive: true, force: true });
    return new Journal(folder, { request, parts: {} });
  }

  get doneBytes(): number {
    return Object.keys(this.#state.parts).reduce((sum, name) => sum + sizeOf(join(this.#folder, name)), 0);
  }

  done(part: Part): { report: PartReport; sha256: string } | null {
    const known = this.#state.parts[part.target];
    return known?.source === sourceOf(part) && existsSync(join(this.#folder, part.target)) ? known : null;
  }

  add(part: Part, report: PartReport, sha256: string): void {
    this.#state.parts[part.target] = { source: sourceOf(part), sha256, report };
    const file = join(this.#folder, 'import.json');
    writeFileSync(`${file}.writing`, JSON.stringify(this.#state));
    renameSync(`${file}.writing`, file);
  }

  remove(): void {
    rmSync(join(this.#folder, 'import.json'), { force: true });
  }
}

/** Tells a file from another one that came in its place. */
function sourceOf({ path, lora }: Part): string {
  return [path, ...(lora ? [lora] : [])]
    .map((file) => `${file}:${statSync(file).size}:${statSync(file).mtimeMs}`)
    .join('|');
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
