import { z } from 'zod';
import { assetKinds, assetLimits } from '../../../shared/assets/asset.ts';
import { shownError } from '../shown-error.ts';
import type { Studio } from '../studio.ts';

/** Where a window sends a sound, a picture or footage. */
export const uploadPath = '/upload/sound';

const querySchema = z.object({
  project: z.string().min(1).max(64),
  name: z.string().min(1).max(assetLimits.name),
  kind: z.enum(assetKinds).default('sound'),
});

/** An answer of JSON: an asset, or an error as a person sees it. */
export interface UploadAnswer {
  readonly status: number;
  readonly body: string;
}

/**
 * Takes in what a window sends, as the contract says. Whoever calls has made sure that it is our own page. Never throws.
 * @param body its bytes as they come; null where none come
 */
export async function receiveUpload(
  studio: Pick<Studio, 'receiveFile'>,
  query: URLSearchParams,
  body: AsyncIterable<Uint8Array> | null,
): Promise<UploadAnswer> {
  const asked = querySchema.safeParse(Object.fromEntries(query));
  if (!asked.success || !body) {
    const error = { code: 'bad-input', message: 'This request makes no sense.', hint: 'Reload the window.' };
    return { status: 400, body: JSON.stringify(error) };
  }
  try {
    const { project, kind, name } = asked.data;
    return { status: 200, body: JSON.stringify(await studio.receiveFile(project, kind, { name, bytes: body })) };
  } catch (error) {
    return { status: 422, body: JSON.stringify(shownError(error)) };
  }
}
