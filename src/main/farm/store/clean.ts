import { throwIfCancelled } from '../../../shared/errors.ts';
import { type ArtifactStore, noteUseAfterMs, type StoredFile } from './artifact-store.ts';

export interface CleanOptions {
  /** Chunks and pictures that nobody asked for in that time go, in milliseconds. */
  readonly olderThanMs: number;
  /** Only says what would go. */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

/** How many files, and what they take. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

export interface CleanReport {
  /** Chunks that went, or would go. */
  readonly chunks: Amount;
  /** Pictures that went, or would go. */
  readonly pictures: Amount;
  /** What killed workers left, half written, that went or would go. */
  readonly leftovers: Amount;
  readonly kept: Amount;
  /** Files that are none of ours: they are never touched. */
  readonly strangers: number;
}

/** What is half written, and was not written to for so long, nobody writes any more. */
const leftoverAfterMs = 24 * 3_600_000;
/** So many are taken away at a time. */
const atOnce = 16;

const temporary = String.raw`\.throughline-[0-9a-f]{6}-\d{1,10}-[0-9a-f]{8}\.part`;
const leftoverName = new RegExp(`^(?:(?:chunks|pictures)/[a-z0-9-]+/[0-9a-f]{2}/)?${temporary}$`);
const chunkName = /^chunks\/[a-z0-9-]+\/([0-9a-f]{2})\/\1[0-9a-f]{62}\.chunk$/;
const pictureName = /^pictures\/\d+x\d+\/([0-9a-f]{2})\/\1[0-9a-f]{62}\.picture$/;

function kindOf({ name, upload }: StoredFile): 'chunks' | 'pictures' | 'leftovers' | 'stranger' {
  const kept = chunkName.test(name) ? 'chunks' : pictureName.test(name) ? 'pictures' : null;
  if (kept) return upload === undefined ? kept : 'leftovers';
  return upload === undefined && leftoverName.test(name) ? 'leftovers' : 'stranger';
}

/**
 * Takes chunks and pictures away that nobody asked for, and what killed workers left. Everything by the store's own clock; what is asked
 * for meanwhile stays, and so does everything that is not recognised. What is taken away and wanted again is made again, or brought
 * again by whoever wants the film.
 * @throws ThroughlineError `farm`; CancelledError
 */
export async function cleanStore(
  store: ArtifactStore,
  { olderThanMs, dryRun = false, signal }: CleanOptions,
): Promise<CleanReport> {
  const now = await store.now();
  const report = { chunks: nothing(), pictures: nothing(), leftovers: nothing(), kept: nothing(), strangers: 0 };
  let going: StoredFile[] = [];
  const flush = async (): Promise<void> => {
    const files = going;
    going = [];
    await Promise.all(
      files.map(async (file) => {
        const isGone = dryRun || (await store.remove(file));
        const kind = kindOf(file);
        if (kind !== 'stranger') add(isGone ? report[kind] : report.kept, file);
      }),
    );
  };
  for await (const file of store.list('everything')) {
    throwIfCancelled(signal, 'Cleaning');
    const kind = kindOf(file);
    const age = now - file.usedMs;
    // Use is noted once a day, so that one that was asked for in time may look that much older.
    const isOld = age > (kind === 'leftovers' ? leftoverAfterMs : olderThanMs + noteUseAfterMs);
    if (kind === 'stranger') report.strangers++;
    else if (!isOld) add(report.kept, file);
    else if (going.push(file) === atOnce) await flush();
  }
  await flush();
  return report;
}

/** Takes away what killed workers left. @returns how many files */
export async function sweepLeftovers(store: ArtifactStore): Promise<number> {
  const now = await store.now();
  let swept = 0;
  for await (const file of store.list('leftovers'))
    if (kindOf(file) === 'leftovers' && now - file.usedMs > leftoverAfterMs && (await store.remove(file))) swept++;
  return swept;
}

const nothing = (): { count: number; bytes: number } => ({ count: 0, bytes: 0 });

function add(amount: { count: number; bytes: number }, { bytes }: StoredFile): void {
  amount.count++;
  amount.bytes += bytes;
}
