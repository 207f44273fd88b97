import type { DeviceName } from './render.ts';

/** What a person chooses: a device, or the fastest of those whose results agree with the processor's. */
export type DeviceChoice = DeviceName | 'auto';

/** What is known of one device with one model. */
export interface DeviceFigures {
  readonly device: DeviceName;
  /** What it is called. */
  readonly label: string;
  /** Why it is not used for this model, in sentences; empty where it can be. */
  readonly problem: string;
  /** Median time of a denoising step, in milliseconds; null where none was measured. */
  readonly stepMs: number | null;
  /** Root mean square difference of its results from the processor's, as a share of theirs; null where not measured. */
  readonly difference: number | null;
}

/** All devices, for one model on this machine. */
export interface DeviceReport {
  /** What `auto` takes. */
  readonly chosen: DeviceName;
  /** When steps were measured, ISO 8601; null where nothing was: there was only one device to take. */
  readonly measuredAt: string | null;
  readonly devices: readonly DeviceFigures[];
}

/** `0.0004 %`, `12 %`. */
export function shareWords(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 ? Math.round(percent) : Number(percent.toPrecision(1))} %`;
}
