import { nanoid } from 'nanoid';
import { z } from 'zod';
import { desktopBridge } from './client.ts';
import { useSelection } from './selection.ts';
import { useStudio } from './studio.ts';
import { notify } from './toasts.ts';

const place = z.strictObject({ shotId: z.string(), indexInShot: z.int().min(0) });
const where = z.strictObject({
  shotIds: z.array(z.string()).max(100_000),
  shotId: z.string().nullable(),
  chunk: place.nullable(),
  leaf: z.string().nullable(),
});
type Where = z.infer<typeof where>;

/** What an editor and the memory windows it opened say to each other. `editor` is the id of that editor's window. */
const message = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hello'), editor: z.string() }),
  z.strictObject({
    kind: z.literal('selected'),
    editor: z.string(),
    by: z.enum(['editor', 'memory']),
    project: z.string(),
    where,
  }),
]);
type Message = z.infer<typeof message>;

const channelName = 'throughline-memory';
const idKey = 'throughline-window';

/** This editor's name for its memory windows; the same after a reload. */
function editorId(): string {
  const known = sessionStorage.getItem(idKey);
  if (known !== null) return known;
  const made = nanoid(12);
  sessionStorage.setItem(idKey, made);
  return made;
}

/** Which editor this window shows the memory of; null: it is an editor itself. */
export const followedEditor: string | null = memoryOf(globalThis.location?.search ?? '');

/** The editor that a memory window's address names. */
export function memoryOf(search: string): string | null {
  const parameters = new URLSearchParams(search);
  return parameters.get('view') === 'memory' ? (parameters.get('of') ?? '') : null;
}

/** Opens the memory views in a window of their own, or brings it to the front. */
export function showMemoryWindow(): void {
  const address = `/?view=memory&of=${encodeURIComponent(editorId())}`;
  const opened = window.open(address, `throughline-memory-${editorId()}`, 'popup,width=1180,height=860');
  opened?.focus();
  // The desktop app opens it itself.
  if (opened || desktopBridge()) return;
  notify({
    level: 'warning',
    message: 'The browser kept the window closed.',
    hint: 'Allow windows of this page, or show memory over the whole window.',
  });
}

/**
 * Keeps what is selected the same in an editor and in its memory windows, whichever of them it is chosen in. Only windows
 * of the same address hear each other, and only while they show the same project.
 * @returns stops it
 */
export function linkSelection(): () => void {
  const channel = new BroadcastChannel(channelName);
  const by = followedEditor === null ? 'editor' : 'memory';
  const editor = followedEditor ?? editorId();
  let told = '';
  // A memory window has nothing to say before it has heard where the editor is.
  let mayTell = by === 'editor';

  const tell = (): void => {
    const project = useStudio.getState().project?.id;
    if (project === undefined || !mayTell) return;
    const now = here();
    const text = JSON.stringify(now);
    if (text === told) return;
    told = text;
    channel.postMessage({ kind: 'selected', editor, by, project, where: now } satisfies Message);
  };

  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    const heard = message.safeParse(data).data;
    if (heard?.editor !== editor) return;
    if (heard.kind === 'hello') {
      if (by === 'memory') return;
      told = '';
      tell();
      return;
    }
    if (heard.by === by || heard.project !== useStudio.getState().project?.id) return;
    mayTell = true;
    told = JSON.stringify(heard.where);
    const { shotIds, ...rest } = heard.where;
    useSelection.setState({ ...rest, shotIds: new Set(shotIds) });
  };

  const stopSelection = useSelection.subscribe(tell);
  // A project that was just opened here: which shot is meant is asked of the editor.
  const stopStudio = useStudio.subscribe((now, before) => {
    if (by === 'editor' || now.project?.id === before.project?.id) return;
    mayTell = false;
    channel.postMessage({ kind: 'hello', editor } satisfies Message);
  });
  return () => {
    stopSelection();
    stopStudio();
    channel.close();
  };
}

function here(): Where {
  const { shotIds, shotId, chunk, leaf } = useSelection.getState();
  return { shotIds: [...shotIds], shotId, chunk, leaf };
}
