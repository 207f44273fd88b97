import { readPageFile } from '../pages/page-files.ts';
import { securityHeaders } from '../pages/security-headers.ts';
import { type UploadAnswer, uploadPath } from '../studio/assets/receive-upload.ts';
import type { MediaFile } from '../studio/project/content/media.ts';

export interface AppProtocolOptions {
  /** The built page's folder, absolute. */
  readonly pageFolder: string;
  /** A picture by its URL path, which begins with `/media/`; null where there is none. Parses the path itself. */
  readonly media: (pathname: string) => Promise<MediaFile | null>;
  /** Takes in a file that the page sends. */
  readonly upload: (query: URLSearchParams, body: AsyncIterable<Uint8Array> | null) => Promise<UploadAnswer>;
}

/**
 * Answers everything that a window loads: the page's own files, and pictures. Other hosts, other methods and paths that
 * lead elsewhere get an error status and nothing else.
 */
export async function answerRequest(
  request: Request,
  { pageFolder, media, upload }: AppProtocolOptions,
): Promise<Response> {
  const url = URL.parse(request.url);
  if (url?.host !== 'app') return refusal(404);
  if (request.method === 'POST' && url.pathname === uploadPath) {
    const { status, body } = await upload(url.searchParams, request.body);
    return new Response(body, { status, headers: { ...securityHeaders(), 'Content-Type': 'application/json' } });
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') return refusal(405);
  try {
    const picture = url.pathname.startsWith('/media/');
    const found = picture ? await media(url.pathname) : await readPageFile(pageFolder, url.pathname);
    if (!found) return refusal(404);
    return new Response(request.method === 'HEAD' ? null : new Uint8Array(found.bytes), {
      headers: {
        ...securityHeaders(),
        'Content-Type': found.type,
        'Content-Length': String(found.bytes.byteLength),
        // A picture's URL names its contents by key; a page's file may be another one after an update.
        'Cache-Control': picture ? 'private, max-age=31536000, immutable' : 'no-cache',
      },
    });
  } catch {
    return refusal(500);
  }
}

function refusal(status: 404 | 405 | 500): Response {
  return new Response(null, { status, headers: securityHeaders() });
}
