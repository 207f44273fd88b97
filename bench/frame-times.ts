import type { Page } from 'playwright';

/** What a page drew for a while. Milliseconds. */
export interface FrameTimes {
  /** From one animation frame to the next. */
  readonly frames: readonly number[];
  /** Tasks of 50 ms and more on the page's main thread. */
  readonly longTasks: readonly number[];
}

/** Run in the page once: notes when frames are drawn, and tasks that hold them up. */
const follow = `(() => {
  const seen = { times: [], tasks: [], on: false };
  window.benchFrames = seen;
  const look = (at) => { if (seen.on) seen.times.push(at); requestAnimationFrame(look); };
  requestAnimationFrame(look);
  new PerformanceObserver((list) => {
    if (seen.on) for (const { duration } of list.getEntries()) seen.tasks.push(duration);
  }).observe({ entryTypes: ['longtask'] });
})()`;

/** Call once a page is loaded, before {@link framesDuring}. */
export async function followFrames(page: Page): Promise<void> {
  await page.evaluate(follow);
}

/** How the page drew while something was done to it. */
export async function framesDuring(page: Page, work: () => Promise<unknown>): Promise<FrameTimes> {
  await page.evaluate('Object.assign(benchFrames, { times: [], tasks: [], on: true })');
  await work();
  const seen = (await page.evaluate(`new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(() => {
    benchFrames.on = false;
    resolve({ times: benchFrames.times, tasks: benchFrames.tasks });
  })))`)) as { readonly times: readonly number[]; readonly tasks: readonly number[] };
  const frames = seen.times.slice(1).map((time, i) => time - (seen.times[i] ?? time));
  return { frames, longTasks: seen.tasks };
}

/** The value that `share` (0..1) of them do not exceed; NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

/** Share of frames that took longer than `ms`, in percent. A display's own jitter of a tenth is not counted. */
export function shareOver(values: readonly number[], ms: number): number {
  return (100 * values.filter((value) => value > ms * 1.1).length) / values.length;
}
