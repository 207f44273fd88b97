import type { Page } from '@playwright/test';

/**
 * Lets the page hear what the host says up to the first preview of a chunk, and what comes after it when the returned
 * function is called: on a fast machine the chunk is done before anyone could look.
 */
export async function holdAfterPreview(page: Page): Promise<() => void> {
  let held: (() => void)[] | null = null;
  let isSeen = false;
  await page.routeWebSocket(/\/api$/, (socket) => {
    socket.connectToServer().onMessage((message) => {
      if (held) held.push(() => socket.send(message));
      else socket.send(message);
      if (!isSeen && message.toString().includes('"preview"')) [isSeen, held] = [true, []];
    });
  });
  return () => {
    const waiting = held ?? [];
    [isSeen, held] = [true, null];
    for (const send of waiting) send();
  };
}
