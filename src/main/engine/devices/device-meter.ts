import type { DeviceFigures, DeviceReport } from '../../../shared/devices.ts';
import { CancelledError, ThroughlineError, throwIfCancelled } from '../../../shared/errors.ts';
import type { DeviceName } from '../../../shared/render.ts';
import type { SpawnEngine } from '../engine-child.ts';
import { EngineHandle } from '../engine-handle.ts';
import type { LoadOptions, StepMeasurement } from '../protocol.ts';
import { agreement, chooseDevice, figuresOf } from './choose-device.ts';
import { processorName } from './device-records.ts';

export interface MeterOptions {
  readonly load: Omit<LoadOptions, 'device' | 'cacheFile' | 'cacheBudgetBytes'>;
  /** Measure the processor even where there is nothing to choose. */
  readonly always: boolean;
  readonly spawn?: SpawnEngine | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Told once steps are really measured: that takes a while. */
  readonly onMeasuring?: () => void;
}

const graphicsLabel = 'Graphics card (WebGPU)';

/** Which devices can be opened; nothing is measured. */
export async function openedDevices(options: Pick<MeterOptions, 'spawn' | 'signal'>): Promise<DeviceReport> {
  return unmeasured(await graphicsProblem(options));
}

/** Why the graphics card cannot be opened; empty where it can. */
function graphicsProblem(options: Pick<MeterOptions, 'spawn' | 'signal'>): Promise<string> {
  return withEngine(options, async (handle) => {
    await handle.call((engine) => engine.probe('webgpu'));
    return '';
  }).catch(sentence);
}

function unmeasured(problem: string): DeviceReport {
  return {
    chosen: 'cpu',
    measuredAt: null,
    devices: [figuresOf('cpu', processorName(), null, null), figuresOf('webgpu', graphicsLabel, null, null, problem)],
  };
}

/**
 * Runs the same few denoising steps of a model on every device, each in a process of its own that a broken driver may take
 * down. The processor comes first: it says how many steps there is time for, and what is right.
 * @throws ThroughlineError what is wrong with the model; CancelledError
 */
export async function measureDevices(options: MeterOptions): Promise<DeviceReport> {
  const problem = await graphicsProblem(options);
  if (problem !== '' && !options.always) return unmeasured(problem);
  options.onMeasuring?.();
  const most = agreement[options.load.precision ?? 'fp32'];
  const reference = await steps(options, 'cpu', null);
  const figures: DeviceFigures[] = [figuresOf('cpu', processorName(), reference, null)];
  if (problem === '') {
    figures.push(
      await steps(options, 'webgpu', reference.stepMs.length).then(
        (measured) => figuresOf('webgpu', graphicsLabel, measured, reference, '', most),
        (error) => figuresOf('webgpu', graphicsLabel, null, null, sentence(error)),
      ),
    );
  } else figures.push(figuresOf('webgpu', graphicsLabel, null, null, problem));
  return { chosen: chooseDevice(figures), measuredAt: new Date().toISOString(), devices: figures };
}

function steps(options: MeterOptions, device: DeviceName, count: number | null): Promise<StepMeasurement> {
  return withEngine(options, async (handle) => {
    await handle.call((engine) => engine.load({ ...options.load, device }));
    return handle.call((engine) => engine.measureSteps(count));
  });
}

async function withEngine<T>(
  { spawn, signal }: Pick<MeterOptions, 'spawn' | 'signal'>,
  work: (handle: EngineHandle) => Promise<T>,
): Promise<T> {
  throwIfCancelled(signal, 'Measuring the devices');
  const handle = new EngineHandle({ latentsOf: () => null, ...(spawn ? { spawn } : {}) });
  const end = (): void => handle.kill(new CancelledError('Measuring the devices'));
  signal?.addEventListener('abort', end, { once: true });
  try {
    return await work(handle);
  } finally {
    signal?.removeEventListener('abort', end);
    await handle.close();
  }
}

/** Why a device is not used. What stops the measurement itself is thrown on. */
function sentence(error: unknown): string {
  if (error instanceof CancelledError || !(error instanceof ThroughlineError)) throw error;
  return `${error.message} ${error.hint}`;
}
