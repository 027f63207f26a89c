import type { ItemProgress } from './progress.ts';

/** A snapshot names at most this many items. */
const itemsShownMax = 200;

interface MutableItem {
  readonly name: string;
  rows: number;
  rowsEstimated: number | null;
  bytes: number;
  bytesEstimated: number | null;
}

/** The tables (or collections) of one step. Holds one small record an item. */
export interface Items {
  start(name: string, rowsEstimated: number | null, bytesEstimated: number | null): void;
  advance(name: string, rows: number, bytes: number): void;
  done(name: string): void;
  /** Active ones first (oldest first), then the finished ones (latest first); at most 200. */
  shown(): readonly ItemProgress[];
  readonly doneCount: number;
  readonly count: number;
}

export function createItems(): Items {
  const active = new Map<string, MutableItem>();
  const finished = new Map<string, MutableItem>();

  const activate = (name: string): MutableItem => {
    const item = active.get(name) ??
      finished.get(name) ?? { name, rows: 0, rowsEstimated: null, bytes: 0, bytesEstimated: null };
    finished.delete(name);
    active.set(name, item);
    return item;
  };

  return {
    start(name, rowsEstimated, bytesEstimated) {
      const item = activate(name);
      item.rowsEstimated = rowsEstimated ?? item.rowsEstimated;
      item.bytesEstimated = bytesEstimated ?? item.bytesEstimated;
    },
    advance(name, rows, bytes) {
      const item = active.get(name) ?? activate(name);
      item.rows += rows;
      item.bytes += bytes;
    },
    done(name) {
      const item = activate(name);
      active.delete(name);
      finished.set(name, item);
    },
    shown() {
      const shown: ItemProgress[] = [];
      for (const item of active.values()) {
        if (shown.length === itemsShownMax) return shown;
        shown.push({ ...item, state: 'active' });
      }
      const latest = [...finished.values()].slice(-(itemsShownMax - shown.length) || finished.size);
      for (const item of latest.toReversed()) shown.push({ ...item, state: 'done' });
      return shown;
    },
    get doneCount() {
      return finished.size;
    },
    get count() {
      return active.size + finished.size;
    },
  };
}
