/** What a window may load and where it may lead: pure decisions. */

/** The scheme of everything a window loads. Its one host is `app`. */
export const appScheme = 'throughline';
export const appOrigin = `${appScheme}://app`;

/** Pages of ours that may be opened in the system's browser. */
export const helpLinks = {
  models: 'https://huggingface.co/Wan-AI/Wan2.1-T2V-1.3B',
  gpl: 'https://www.gnu.org/licenses/old-licenses/gpl-2.0.html',
  mit: 'https://opensource.org/license/mit',
} as const;

/**
 * Whether a link of the page may be handed to the system's browser: https, without a user name, and exactly one of
 * ours. Anything else, a project file's prompt included, opens nothing.
 */
export function mayOpenOutside(link: string, allowed: Iterable<string> = Object.values(helpLinks)): boolean {
  const url = URL.parse(link);
  if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '') return false;
  return [...allowed].some((one) => new URL(one).href === url.href);
}

/** Whether `url` is the app's one page: nothing else may ever fill the window, or be given the API. */
export function isAppPage(url: string): boolean {
  return isAppUrl(url) && new URL(url).pathname === '/';
}

/**
 * The address of a memory window that the page may ask for; null for any other. It is put together anew from the one
 * part that differs, so that nothing else of what was asked for is loaded.
 */
export function memoryWindowUrl(url: string): string | null {
  if (!isAppPage(url)) return null;
  const { searchParams } = new URL(url);
  const editor = searchParams.get('of') ?? '';
  if (searchParams.get('view') !== 'memory' || !/^[\w-]{1,40}$/.test(editor)) return null;
  return `${appOrigin}/?view=memory&of=${editor}`;
}

function isAppUrl(url: string): boolean {
  const parsed = URL.parse(url);
  return (
    parsed !== null &&
    parsed.protocol === `${appScheme}:` &&
    parsed.host === 'app' &&
    parsed.username === '' &&
    parsed.password === ''
  );
}

/** Whether a request may leave the page at all. Pictures made in the page (`blob:`, `data:`) go nowhere. */
export function mayRequest(url: string): boolean {
  return isAppUrl(url) || url.startsWith(`blob:${appOrigin}/`) || url.startsWith('data:') || isDeveloperTools(url);
}

function isDeveloperTools(url: string): boolean {
  return url.startsWith('devtools://devtools/');
}
