import { ThroughlineError } from '../../../shared/errors.ts';
import type { FarmAdvice } from '../../farm/index.ts';

/** What somebody at the editor can do; at the command line it is something else. */
export const editorAdvice: FarmAdvice = {
  otherDevice: 'Choose workers of that kind under Settings, Render on, or go on here.',
  otherResult: 'Go on here: this machine continues what it has.',
  gone: 'What was finished is kept. Try again once it is back, or go on here.',
};

/** As {@link editorAdvice}, for errors of the connection, whose hints name variables of a command line. */
export function toldInEditor(error: unknown): unknown {
  if (!(error instanceof ThroughlineError) || error.code !== 'farm') return error;
  const cause = error.cause instanceof Error ? error.cause.message : '';
  const name = error.cause instanceof Error ? error.cause.name : '';
  if (/^(InvalidAccessKeyId|SignatureDoesNotMatch|CredentialsProviderError|ProviderError|AccessDenied)$/.test(name))
    return new ThroughlineError('farm', error.message, 'Give the right keys of the bucket under Settings, Render on.', {
      cause: error.cause,
    });
  if (!/NOAUTH|WRONGPASS|invalid (username-)?password/i.test(cause)) return error;
  return new ThroughlineError('farm', error.message, 'Give the right password under Settings, Render on.', { cause });
}
