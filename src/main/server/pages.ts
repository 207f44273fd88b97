import { existsSync, readdirSync } from 'node:fs';
import { extname, join, relative, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.woff': 'font/woff',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

export interface PageFile {
  readonly file: string;
  readonly type: string;
  /** Whether its name changes with its content. */
  readonly immutable: boolean;
}

/** The built renderer. Only what its folder holds can be asked for: paths are looked up, never put together. */
export class Pages {
  readonly #folder: string;
  #files = new Map<string, PageFile>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The file at a path; null if there is none. `/` is the page itself, and looks the folder through again. */
  at(path: string): PageFile | null {
    if (path === '/') this.#read();
    return this.#files.get(path === '/' ? '/index.html' : path) ?? null;
  }

  #read(): void {
    this.#files = new Map();
    if (!existsSync(this.#folder)) return;
    for (const entry of readdirSync(this.#folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(this.#folder, file).split(sep).join('/')}`;
      const type = types[extname(file)] ?? 'application/octet-stream';
      this.#files.set(path, { file, type, immutable: path.startsWith('/assets/') });
    }
  }
}

/** A page of one sentence. */
export function plainPage(title: string, sentence: string, head = ''): string {
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><link rel="icon" href="data:,"><title>${escapeHtml(title)}</title>${head}<style>
body{font:16px/1.5 system-ui,sans-serif;background:#14161a;color:#e8eaed;display:grid;place-items:center;min-height:90vh;margin:0}
main{max-width:34em;padding:2em}h1{font-size:1.3em}</style></head><body><main><h1>${escapeHtml(title)}</h1><p>${escapeHtml(sentence)}</p></main></body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
