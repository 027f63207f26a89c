import type { Reporter } from '../progress/progress.ts';

/** Bytes of a document until the first body of its collection is known. */
const documentBytesGuess = 512;

/** Keeps the expected work of the step `search-build` near the truth while documents are sent. */
export interface BuildEstimate {
  sent(collection: string, bytes: number): void;
  /** What was sent of the collection is all of it. */
  done(collection: string): void;
}

/** `expected`: documents by collection, as the planner guesses them. */
export function buildEstimate(report: Reporter, expected: ReadonlyMap<string, number>): BuildEstimate {
  const work = new Map(
    [...expected].map(([name, rows]) => [name, { sent: 0, total: rows * documentBytesGuess }]),
  );
  const rows = [...expected.values()].reduce((sum, value) => sum + value, 0);
  const tell = (): void => {
    const bytes = [...work.values()].reduce((sum, { sent, total }) => sum + Math.max(sent, total), 0);
    report.estimate('search-build', bytes, rows, expected.size);
  };
  tell();
  return {
    sent: (collection, bytes) => {
      const item = work.get(collection);
      if (item === undefined) return;
      item.sent += bytes;
      if (item.sent > item.total) tell();
    },
    done: (collection) => {
      const item = work.get(collection);
      if (item !== undefined) item.total = item.sent;
      tell();
    },
  };
}
