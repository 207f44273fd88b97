import { totalmem } from 'node:os';
import { ThroughlineError } from '../../../shared/errors.ts';
import type { ModelFolder } from '../model/model-folder.ts';
import type { PageBudget } from '../protocol.ts';
import {
  attendedFrames,
  type Changeable,
  leastPageBytes,
  type MemoryPlan,
  type MemoryUse,
  planMemory,
  smallerSetting,
  type WeightSizes,
  weightSizes,
} from './memory-plan.ts';

/** Share of all memory that may be asked for where a system does not say what could be had: what is free now says little. */
const shareOfAll = 0.85;

/**
 * Memory that this process could still have. Linux says it, control groups heeded; elsewhere it is a share of all.
 * A graphics card does not tell ours: WebGPU has no call for it, and drivers let textures and buffers spill into the system's.
 */
export function availableMemory(): number {
  return process.platform === 'linux' ? process.availableMemory() : totalmem() * shareOfAll;
}

/** The plan was too low where memory ran out: what is advised then takes at most this share of it. */
const shareAfterFailure = 0.7;

/** Knows what a model needs here, and says so before it is loaded and where it ran out after all. */
export class MemoryGuard {
  readonly plan: MemoryPlan;
  readonly #model: ModelFolder;
  readonly #weights: WeightSizes;
  readonly #use: MemoryUse;
  readonly #can: Changeable;
  readonly #availableBytes: number;
  /** What this one said itself, before anything was computed. */
  readonly #refusals = new WeakSet<ThroughlineError>();

  /**
   * @param use pages beyond their budget count as lying in a file
   * @param can what is advised to be changed
   */
  constructor(model: ModelFolder, use: MemoryUse, can: Changeable, availableBytes: number = availableMemory()) {
    this.#model = model;
    this.#weights = weightSizes(model);
    this.#use = use;
    this.#can = can;
    this.#availableBytes = availableBytes;
    this.plan = planMemory(model.config, this.#weights, use);
  }

  /** Bytes of K/V pages that fit beside everything else, on the device and packed on the host; null: all of them do. */
  get pageBudget(): PageBudget | null {
    const of = (pageBudgetBytes: number | null): number =>
      planMemory(this.#model.config, this.#weights, { ...this.#use, pageBudgetBytes }).totalBytes;
    if (of(null) <= this.#availableBytes) return null;
    const deviceBytes = leastPageBytes(this.#model.config);
    return { deviceBytes, hostBytes: Math.max(0, this.#availableBytes - of(0)) };
  }

  /** @throws ThroughlineError `out-of-memory` where the model does not fit even with its pages in a file */
  check(): void {
    const least = planMemory(this.#model.config, this.#weights, { ...this.#use, pageBudgetBytes: 0 });
    if (least.totalBytes <= this.#availableBytes) return;
    const { config } = this.#model;
    throw this.#refusal(
      `${config.name} at ${config.video.width}x${config.video.height} needs about ${sizeWords(least.totalBytes)} of memory (${this.#largest(least)}), and ${sizeWords(this.#availableBytes)} can be had.`,
      this.#advice(this.#availableBytes),
    );
  }

  #refusal(what: string, hint: string): ThroughlineError {
    const refusal = new ThroughlineError('out-of-memory', what, hint);
    this.#refusals.add(refusal);
    return refusal;
  }

  /**
   * A chunk may attend to more frames than were planned: those that a story pins come beside the bank, and its recipe may ask for a larger one.
   * @param frames in the context of one layer
   * @throws ThroughlineError `out-of-memory`, before anything is computed, and how many would fit
   */
  checkAttended(frames: number): void {
    const planned = attendedFrames(this.#model.config);
    if (frames <= planned || this.#bytesAttending(frames) <= this.#availableBytes) return;
    let most = frames - 1;
    while (most > planned && this.#bytesAttending(most) > this.#availableBytes) most--;
    const { config } = this.#model;
    throw this.#refusal(
      `This chunk would look at ${frames} frames in memory. With them, ${config.name} at ${config.video.width}x${config.video.height} needs about ${sizeWords(this.#bytesAttending(frames))}, and ${sizeWords(this.#availableBytes)} can be had.`,
      `Unpin frames or pictures, or recall fewer: ${most} frames fit.`,
    );
  }

  #bytesAttending(frames: number): number {
    const { memory, ...config } = this.#model.config;
    const beyond = Math.max(0, frames - attendedFrames(this.#model.config));
    const wider = { ...config, memory: { ...memory, bankFrames: memory.bankFrames + beyond } };
    const pageBudgetBytes = this.pageBudget === null ? this.#use.pageBudgetBytes : 0;
    return planMemory(wider, this.#weights, { ...this.#use, pageBudgetBytes }).totalBytes;
  }

  /** What ran out although it was planned: the same advice. Anything else is returned as it is. */
  explain(error: unknown): unknown {
    const known = error instanceof ThroughlineError && error.code === 'out-of-memory';
    if ((known && this.#refusals.has(error)) || !(known || isAllocationFailure(error))) return error;
    const { config } = this.#model;
    const had = Math.min(this.#availableBytes, availableMemory());
    return new ThroughlineError(
      'out-of-memory',
      `There was not enough memory for ${config.name} at ${config.video.width}x${config.video.height}: it was planned to take about ${sizeWords(this.plan.totalBytes)} (${this.#largest(this.plan)}).`,
      this.#advice(Math.min(had, this.plan.totalBytes * shareAfterFailure)),
      { cause: error },
    );
  }

  #advice(bytes: number): string {
    const setting = smallerSetting(this.#model.config, this.#weights, this.#use, bytes, this.#can);
    if (setting === null) {
      const anySize = this.#can.frameSizes ? ' at any frame size' : ', which draws frames of this size alone';
      return `Close other programs; this machine has too little memory for the model${anySize}.`;
    }
    return `Close other programs, or use ${setting.what}: that needs about ${sizeWords(setting.totalBytes)}.`;
  }

  #largest(plan: MemoryPlan): string {
    return [...plan.parts]
      .sort((a, b) => b.bytes - a.bytes)
      .slice(0, 3)
      .map(({ name, bytes }) => `${name} ${sizeWords(bytes)}`)
      .join(', ');
  }
}

/** What V8 says when it gets no memory for an array. */
function isAllocationFailure(error: unknown): boolean {
  return (
    error instanceof RangeError && /allocation failed|Invalid (typed )?array (buffer )?length/i.test(error.message)
  );
}

/** `5.7 GB`, `430 MB`. */
function sizeWords(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(1, Math.round(bytes / 1e6))} MB`;
}
