import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { type Host, runProgram } from '../../src/main/cli/program.ts';
import type { EngineSettings } from '../../src/main/cli/services.ts';
import type { DeviceReport } from '../../src/shared/devices.ts';
import { CancelledError } from '../../src/shared/errors.ts';
import { FakeEngine } from './fake-engine.ts';
import { FakeTerminal } from './fake-terminal.ts';

/** A command line with everything real but the engine. */
export class CliBench {
  readonly terminal: FakeTerminal;
  readonly engine: FakeEngine;
  readonly interrupts = new EventEmitter();
  readonly started: EngineSettings[] = [];
  readonly asked: { readonly query: object; readonly how: string }[] = [];
  devices: DeviceReport = { chosen: 'cpu', measuredAt: null, devices: [] };
  /** Engines not given back. */
  open = 0;
  exitedNow: number | null = null;
  failStart: Error | null = null;
  /** A model that takes for ever to load: called once it has begun. */
  loading: (() => void) | null = null;

  readonly #folder: string;

  /** @param folder for what it keeps */
  constructor(folder: string, options: { isTty?: boolean; engine?: FakeEngine } = {}) {
    this.#folder = folder;
    this.engine = options.engine ?? new FakeEngine();
    this.terminal = new FakeTerminal(options);
  }

  run(...args: string[]): Promise<number> {
    const { engine } = this;
    const close = () => {
      this.open--;
    };
    const host: Host = {
      terminal: this.terminal,
      services: {
        startEngine: async (settings) => {
          this.started.push(settings);
          if (this.failStart) throw this.failStart;
          if (this.loading) {
            const ended = new Promise<never>((_, reject) => {
              settings.signal.addEventListener('abort', () => reject(new CancelledError('Loading the model')));
            });
            this.loading();
            return ended;
          }
          this.open++;
          return {
            info: engine.info,
            renderChunk: (request, run) => engine.renderChunk(request, run),
            decode: (chunks, onChunk, signal) => engine.decode(chunks, onChunk, signal),
            dispose: async () => close(),
          };
        },
        devices: async (query, how) => {
          this.asked.push({ query, how });
          return this.devices;
        },
      },
      interrupts: this.interrupts,
      defaults: {
        modelFolder: 'the-built-in-model',
        cacheFolder: join(this.#folder, 'cache'),
        modelsFolder: join(this.#folder, 'models'),
      },
      version: '9.9.9',
      debug: false,
      exitNow: (code) => {
        this.exitedNow = code;
      },
    };
    return runProgram(args, host);
  }
}
