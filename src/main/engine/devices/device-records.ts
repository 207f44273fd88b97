import { readFileSync } from 'node:fs';
import { arch, cpus, platform, release } from 'node:os';
import { z } from 'zod';
import type { DeviceReport } from '../../../shared/devices.ts';
import { type FrameSize, frameSizeText } from '../../../shared/frame-size.ts';
import type { Precision } from '../../../shared/render.ts';
import { writeSmallFile } from '../../files/index.ts';
import { graphicsOf } from './graphics.ts';

/** What a measurement holds for. Anything else of it, and it is made anew. */
export interface DeviceSubject {
  /** Of the model. */
  readonly digest: string;
  readonly numericsVersion: number;
  /** Version of what computes. */
  readonly runtime: string;
  /** Threads of the processor's runs. */
  readonly threads: number;
  readonly precision: Precision;
  /** Absent for the model's own. */
  readonly frameSize?: FrameSize;
}

/** More models than a person goes back and forth between. */
const keptRecords = 64;
/** After so long a device that could not be opened is tried again: a driver may have come, and nothing tells us. */
const retryMs = 7 * 24 * 3600 * 1000;

const deviceSchema = z.enum(['cpu', 'webgpu']);
const recordSchema = z.object({
  subject: z.string(),
  savedAt: z.string(),
  report: z.object({
    chosen: deviceSchema,
    measuredAt: z.string().nullable(),
    devices: z.array(
      z.object({
        device: deviceSchema,
        label: z.string(),
        problem: z.string(),
        stepMs: z.number().nullable(),
        difference: z.number().nullable(),
      }),
    ),
  }),
});
const fileSchema = z.object({ version: z.literal(1), records: z.array(recordSchema) });
type DeviceRecord = z.infer<typeof recordSchema>;

/** Measurements of devices, in a small file of the configuration folder. One that cannot be read is empty. */
export class DeviceRecords {
  readonly #file: string;

  constructor(file: string) {
    this.#file = file;
  }

  find(subject: DeviceSubject, now = Date.now()): DeviceReport | null {
    const name = subjectName(subject);
    const record = this.#read().find((known) => known.subject === name);
    if (!record) return null;
    const unopened = record.report.devices.some(({ problem, stepMs }) => problem !== '' && stepMs === null);
    return unopened && !(now - Date.parse(record.savedAt) < retryMs) ? null : record.report;
  }

  /** Not being able to write costs a measurement at the next start, no more. */
  save(subject: DeviceSubject, report: DeviceReport | null, now = Date.now()): void {
    const name = subjectName(subject);
    const others = this.#read().filter((known) => known.subject !== name);
    const record = report === null ? [] : [{ subject: name, savedAt: new Date(now).toISOString(), report }];
    const records = [...record, ...others].slice(0, keptRecords);
    try {
      writeSmallFile(this.#file, `${JSON.stringify({ version: 1, records }, null, 2)}\n`);
    } catch {}
  }

  #read(): readonly DeviceRecord[] {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(this.#file, 'utf8'))).records;
    } catch {
      return [];
    }
  }
}

function subjectName({ digest, numericsVersion, runtime, threads, precision, frameSize }: DeviceSubject): string {
  const processor = `${processorName()} x${cpus().length}`;
  const machine = [processor, `${platform()} ${release()} ${arch()}`, graphicsOf()].join('; ');
  const size = frameSize ? `${frameSizeText(frameSize)}; ` : '';
  return `${digest} numerics ${numericsVersion}; ${runtime}; ${threads} threads; ${precision}; ${size}${machine}`;
}

export function processorName(): string {
  return cpus()[0]?.model.trim() || 'Processor';
}
