const numbers = new Intl.NumberFormat('en');

export const count = (value: number | null): string => (value === null ? '–' : numbers.format(value));

/** `1 row`, `2 rows`. */
export const counted = (value: number, one: string, many = `${one}s`): string =>
  `${numbers.format(value)} ${value === 1 ? one : many}`;

export function bytes(value: number | null): string {
  if (value === null) return '–';
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(units.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3));
  return `${(value / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}

/** Exact: `1 h 02 min 03 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  const rest = `${String(Math.floor(seconds % 60)).padStart(2, '0')} s`;
  return hours > 0 ? `${hours} h ${String(minutes).padStart(2, '0')} min ${rest}` : `${minutes} min ${rest}`;
}

/** Coarse on purpose: an estimate is no clock. */
export function timeLeft(seconds: number | null): string {
  if (seconds === null) return 'time left not known yet';
  if (seconds < 60) return 'less than a minute left';
  if (seconds < 90 * 60) return `about ${Math.round(seconds / 60)} min left`;
  return `about ${Math.round(seconds / 3600)} h left`;
}

const steps: readonly (readonly [seconds: number, unit: string])[] = [
  [86_400, 'd'],
  [3_600, 'h'],
  [60, 'min'],
];

/** `3 h ago`, `in 2 d`; the exact one stands beside it. */
export function relative(ms: number, now: number): string {
  const seconds = Math.round((ms - now) / 1000);
  const size = Math.abs(seconds);
  const [length, unit] = steps.find(([one]) => size >= one) ?? [1, 's'];
  if (unit === 's' && size < 10) return seconds > 0 ? 'in a moment' : 'just now';
  const amount = `${Math.floor(size / length)} ${unit}`;
  return seconds > 0 ? `in ${amount}` : `${amount} ago`;
}

/** In the reader's zone and in UTC. */
export function exactly(ms: number): string {
  const when = new Date(ms);
  return `${when.toLocaleString()} (${when.toISOString().replace('T', ' ').replace(/\..*/, '')} UTC)`;
}
