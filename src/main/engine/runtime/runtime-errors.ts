import { ThroughlineError } from '../../../shared/errors.ts';

const outOfMemory = /bad_alloc|out of memory|failed to allocate|cannot allocate|E_OUTOFMEMORY/i;
const deviceLost = /device (was |is )?lost|device removed|DXGI_ERROR_DEVICE/i;
const badWeights = /external data|out of bounds|file size|End of file/i;

/** Turns what onnxruntime threw into an error a person can act on. */
export function asThroughlineError(cause: unknown, what: string): ThroughlineError {
  if (cause instanceof ThroughlineError) return cause;
  const text = cause instanceof Error ? cause.message : String(cause);
  if (outOfMemory.test(text)) {
    return new ThroughlineError(
      'out-of-memory',
      `${what}: there is not enough memory.`,
      'Close other programs, or choose a smaller model, a smaller bank or int8 storage.',
      { cause },
    );
  }
  if (deviceLost.test(text)) {
    return new ThroughlineError(
      'device-lost',
      `${what}: the graphics device stopped answering.`,
      'Start again; if it happens again, update its driver or choose the CPU.',
      { cause },
    );
  }
  if (badWeights.test(text)) {
    return new ThroughlineError('model-truncated', `${what}: its weights cannot be read.`, 'Get the model again.', {
      cause,
    });
  }
  return new ThroughlineError('internal', `${what}: ${text}`, 'Please report this.', { cause });
}
