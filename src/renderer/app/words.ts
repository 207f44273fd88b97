import type { Estimate } from '../../shared/api/types.ts';

/** A span as a person reads it on a clock: `0:04`, `12:30`, `1:02:00`. */
export function timeLeft(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  const rest = String(whole % 60).padStart(2, '0');
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}` : `${minutes}:${rest}`;
}

/** A size with three significant figures at most, in powers of 1024: `820 KB`, `1.2 GB`. */
export function sizeWords(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${units[unit]}`;
}

/** `1 chunk`, `3 chunks`. */
export function counted(count: number, thing: string): string {
  return `${count.toLocaleString('en')} ${thing}${count === 1 ? '' : 's'}`;
}

/** What is to be made and what that takes, as far as it is known: `3 chunks, about 0:12, 1.2 MB on disk`. */
export function costWords({ chunks, seconds, memoryBytes, diskBytes }: Estimate): string {
  const parts = [
    counted(chunks, 'chunk'),
    seconds === null ? null : `about ${timeLeft(seconds)}`,
    memoryBytes === null ? null : `${sizeWords(memoryBytes)} of memory`,
    diskBytes === null ? null : `${sizeWords(diskBytes)} on disk`,
  ];
  return parts.filter(Boolean).join(', ');
}

/** When something was, as `just now`, `12 min ago`, `3 h ago`, `yesterday`, or a date. */
export function agoWords(iso: string, nowMs: number): string {
  const minutes = Math.floor((nowMs - Date.parse(iso)) / 60_000);
  if (Number.isNaN(minutes)) return '';
  if (minutes < 1) return 'just now';
  if (minutes < 60) return `${minutes} min ago`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ago`;
  if (minutes < 48 * 60) return 'yesterday';
  return new Date(iso).toLocaleDateString(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
}
