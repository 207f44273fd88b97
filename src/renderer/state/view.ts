import { z } from 'zod';
import { create } from 'zustand';
import { persist } from 'zustand/middleware';
import type { ExportTarget } from '../../shared/api/types.ts';
import type { ShotId } from '../../shared/project/document.ts';
import type { TextEncoding } from '../../shared/story-import/index.ts';

/** A script's file, as text. */
export interface Script {
  readonly name: string;
  readonly text: string;
  readonly encoding?: TextEncoding;
  /** Where it lies; left off where that is not known. */
  readonly file?: string;
}

/** The one window that may lie over the app. */
export type DialogName =
  | {
      readonly kind:
        | 'settings'
        | 'storage'
        | 'about'
        | 'shortcuts'
        | 'palette'
        | 'versions'
        | 'save-version'
        | 'words'
        | 'memory'
        | 'compare-memories';
    }
  /** `recipe`: the published model that is looked for. */
  | { readonly kind: 'models'; readonly part?: 'get' | 'files'; readonly recipe?: string }
  | { readonly kind: 'import'; readonly script?: Script }
  | { readonly kind: 'export'; readonly target: ExportTarget }
  | { readonly kind: 'delete'; readonly ids: readonly ShotId[] }
  | { readonly kind: 'file'; readonly purpose: 'open-project' | 'save-project' }
  | { readonly kind: 'name-cut'; readonly leaf: ShotId }
  /** The open project cannot be left without losing changes. */
  | {
      readonly kind: 'unsaved';
      readonly message: string;
      readonly hint: string;
      readonly discard: () => Promise<void>;
    };

/** Sizes of the panes, in pixels, and what is open. Kept in this browser, not in the project. */
export interface View {
  readonly inspectorWidth: number;
  readonly playerHeight: number;
  readonly inspectorHidden: boolean;
  readonly playerHidden: boolean;
  readonly queueOpen: boolean;
  /** The player lies over the graph. */
  readonly playerLarge: boolean;
  readonly dialog: DialogName | null;
  /** Rises whenever the prompt field should take the focus; the graph adds shots without owning that field. */
  readonly promptFocus: number;
}

/** What is kept in this browser. */
const keptSchema = z.object({ inspectorWidth: z.number(), playerHeight: z.number() }).partial();

/** A share of a length in pixels, within bounds. */
function shareOf(length: number | undefined, share: number, min: number, max: number): number {
  return Math.round(Math.min(max, Math.max(min, (length ?? 0) * share)));
}

/** A window so high, in pixels, has room for a larger picture. */
const tall = 1100;

export const useView = create<View>()(
  persist(
    (): View => ({
      inspectorWidth: shareOf(globalThis.innerWidth, 0.22, 260, 520),
      playerHeight: shareOf(globalThis.innerHeight, globalThis.innerHeight > tall ? 0.34 : 0.28, 160, 560),
      inspectorHidden: false,
      playerHidden: false,
      queueOpen: false,
      playerLarge: false,
      dialog: null,
      promptFocus: 0,
    }),
    {
      name: 'throughline-view',
      version: 1,
      partialize: ({ inspectorWidth, playerHeight }) => ({ inspectorWidth, playerHeight }),
      merge: (kept, view) => {
        const { inspectorWidth = view.inspectorWidth, playerHeight = view.playerHeight } =
          keptSchema.safeParse(kept).data ?? {};
        return { ...view, inspectorWidth, playerHeight };
      },
    },
  ),
);

export function setPaneSize(pane: 'inspectorWidth' | 'playerHeight', pixels: number): void {
  useView.setState({ [pane]: pixels });
}

/** Hides or shows a pane. */
export function togglePane(pane: 'inspector' | 'player'): void {
  useView.setState(({ inspectorHidden, playerHidden }) =>
    pane === 'inspector' ? { inspectorHidden: !inspectorHidden } : { playerHidden: !playerHidden },
  );
}

export function openDialog(dialog: DialogName): void {
  useView.setState({ dialog });
}

export function closeDialog(): void {
  useView.setState({ dialog: null });
}

/** Brings the prompt of the selected shot up, ready to be typed over. */
export function focusPrompt(): void {
  useView.setState(({ promptFocus }) => ({ promptFocus: promptFocus + 1, inspectorHidden: false, queueOpen: false }));
}

/** What the graph may be asked for from outside it. */
export type GraphRequest = 'fit' | 'in' | 'out' | 'actual' | 'remember' | 'restore';

const graphRequests = new EventTarget();

export function askGraph(request: GraphRequest): void {
  graphRequests.dispatchEvent(new CustomEvent('request', { detail: request }));
}

/** Calls `answer` for every request to the graph; returns what stops it. */
export function onGraphRequest(answer: (request: GraphRequest) => void): () => void {
  const listen = (event: Event) => answer((event as CustomEvent<GraphRequest>).detail);
  graphRequests.addEventListener('request', listen);
  return () => graphRequests.removeEventListener('request', listen);
}
