/** Numbers as people read them. The only place that turns bytes, rows and seconds into words. */

const byteUnits = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Decimal units, three digits at most: `0 B`, `999 B`, `1.2 kB`, `34.5 MB`, `128 GB`. */
export function bytesInWords(bytes: number): string {
  let value = bytes;
  let unit = 0;
  // 999.5 would print as "1000 kB"; it belongs to the next unit.
  while (value >= 999.5 && unit < byteUnits.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : 1;
  return `${value.toFixed(digits)} ${byteUnits[unit]}`;
}

/** Exact, with thousands separators: `1,234,567`. */
export function countInWords(count: number): string {
  return Math.round(count)
    .toString()
    .replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 table`, `2,000 tables`. */
export function counted(count: number, thing: string): string {
  return `${countInWords(count)} ${thing}${count === 1 ? '' : 's'}`;
}

export function byteRateInWords(bytesPerSecond: number): string {
  return `${bytesInWords(bytesPerSecond)}/s`;
}

export function rowRateInWords(rowsPerSecond: number): string {
  return `${countInWords(rowsPerSecond)} rows/s`;
}

/** `0.4 s`, `12 s`, `2 min 05 s`, `1 h 03 min`. */
export function durationInWords(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`;
  const minutes = Math.round(whole / 60);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** Seconds rounded so coarsely that the words made from them don't flicker: 5 s, 30 s, 1 min or 5 min steps. */
export function coarseSeconds(seconds: number): number {
  const step = seconds < 60 ? 5 : seconds < 600 ? 30 : seconds < 3600 ? 60 : 300;
  return Math.max(step, Math.round(seconds / step) * step);
}

/** `about 40 s left`, `about 12 min left`, `about 1 h 30 min left`; empty while nothing honest can be said. */
export function etaInWords(seconds: number | null): string {
  if (seconds === null) return '';
  const coarse = coarseSeconds(seconds);
  if (coarse < 60) return `about ${coarse} s left`;
  const minutes = Math.round(coarse / 60);
  if (minutes < 60) return `about ${minutes} min left`;
  const rest = minutes % 60;
  return `about ${Math.floor(minutes / 60)} h${rest === 0 ? '' : ` ${rest} min`} left`;
}
