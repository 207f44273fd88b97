// Entry of the engine process: a child of the command line or the browser host, or an Electron utility process.
import { createBirpc } from 'birpc';
import { CancelledError, ThroughlineError } from '../../shared/errors.ts';
import { parentPort } from './parent-port.ts';
import { EngineService } from './pipeline/engine-service.ts';
import { identify } from './pipeline/model-session.ts';
import {
  type EngineFunctions,
  type EngineOwner,
  type Outcome,
  type OwnerFunctions,
  openOutcome,
  outcomeOf,
} from './protocol.ts';
import { Device } from './runtime/device.ts';

const outcome = <T>(work: () => Promise<T>): Promise<Outcome<T>> => outcomeOf('The engine', work);

// Ctrl+C in a terminal reaches the whole group; the owner decides what stops, and when.
process.on('SIGINT', () => {});

const port = parentPort();
let service: EngineService | null = null;
let running: AbortController | null = null;

/** Runs one piece of work that `cancel` can stop. */
async function cancellable<T>(work: (service: EngineService, signal: AbortSignal) => Promise<T>): Promise<Outcome<T>> {
  return outcome(async () => {
    if (!service) throw new ThroughlineError('internal', 'The engine was asked to work before a model was loaded.');
    if (running) throw new ThroughlineError('internal', 'The engine was asked for two things at once.');
    const controller = new AbortController();
    running = controller;
    try {
      return await work(service, controller.signal);
    } finally {
      running = null;
    }
  });
}

const functions: EngineFunctions = {
  load: (options) =>
    outcome(async () => {
      await service?.dispose();
      service = null;
      service = await EngineService.open(options, owner);
      return service.info;
    }),
  probe: (name) =>
    outcome(async () => {
      const device = await Device.open({ name, threads: 1 });
      await device.dispose();
    }),
  identify: (options) => outcome(() => identify(options)),
  measureSteps: (count) => cancellable((engine) => engine.measureSteps(count)),
  renderChunk: (request, preview) => cancellable((engine, signal) => engine.renderChunk(request, preview, signal)),
  moveTo: (ancestors, mode) => cancellable((engine, signal) => engine.moveTo(ancestors, mode, signal)),
  snapshot: () => cancellable((engine) => engine.snapshot()),
  decode: (chunks, stream) => cancellable((engine, signal) => engine.decode(chunks, stream, signal)),
  usage: () =>
    outcome(async () => {
      if (!service) throw new ThroughlineError('internal', 'No model is loaded.');
      return service.usage();
    }),
  cancel: () => running?.abort(new CancelledError('This work')),
  shutDown: () =>
    outcome(async () => {
      running?.abort(new CancelledError('This work'));
      await service?.dispose();
      service = null;
    }),
};

const rpc = createBirpc<OwnerFunctions, EngineFunctions>(functions, {
  post: (message) => port.post(message),
  on: (listener) => port.on(listener),
  eventNames: ['onPhase', 'onPreview', 'onNotice'],
  timeout: -1,
});

/** The owner, whose errors are thrown here as what they were there. */
const owner: EngineOwner = {
  latentsOf: async (key: string) => openOutcome(await rpc.latentsOf(key), 'in the owner of the engine'),
  pictureOf: async (asset: string, width: number, height: number) =>
    openOutcome(await rpc.pictureOf(asset, width, height), 'in the owner of the engine'),
  onPhase: rpc.onPhase,
  onPreview: rpc.onPreview,
  onDecoded: async (index: number, frames: Uint8Array, frameCount: number) =>
    openOutcome(await rpc.onDecoded(index, frames, frameCount), 'in the owner of the engine'),
  onNotice: rpc.onNotice,
};
