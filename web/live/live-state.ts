import type { Told } from '../api/client.ts';
import type { Item, LogLine, Progress } from '../api/types.ts';
import type { FedJob, News } from './news.ts';

/** How fast it was at a moment. */
export interface Sample {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly bytesPerSecond: number;
  readonly rowsPerSecond: number;
}

/** A table of the running step, as it was last told, and since when nothing of it has moved. */
export interface WatchedItem extends Item {
  readonly movedAt: number;
  /** Since the snapshot before; null where there was none. */
  readonly rowsPerSecond: number | null;
}

/** What the stream has told of a job. */
export interface LiveState {
  readonly told: FedJob | null;
  readonly progress: Progress | null;
  readonly lines: readonly LogLine[];
  readonly samples: readonly Sample[];
  /** Of the running step, all that were ever told: a snapshot names 200 at most. */
  readonly items: ReadonlyMap<string, WatchedItem>;
  /** Seconds until the next try; null where the connection is there. */
  readonly lostFor: number | null;
  readonly refused: Told | null;
  /** Epoch milliseconds of the last news; null before any. */
  readonly heardAt: number | null;
}

export const liveStart: LiveState = {
  told: null,
  progress: null,
  lines: [],
  samples: [],
  items: new Map(),
  lostFor: null,
  refused: null,
  heardAt: null,
};

/** Beyond these every second sample is left out: a chart of a whole day stays cheap. */
const samplesMax = 1_200;

export function withNews(
  state: LiveState,
  { news, at }: { readonly news: News; readonly at: number },
): LiveState {
  switch (news.type) {
    case 'job':
    case 'end':
      return withProgress({ ...state, told: news.job, heardAt: at }, news.job.progress, at);
    case 'progress':
      return withProgress({ ...state, heardAt: at }, news.progress, at);
    case 'log':
      return { ...state, lines: [...state.lines, news.line], heardAt: at };
    case 'gap':
      return { ...state, heardAt: at };
    case 'open':
      return { ...state, lostFor: null, heardAt: at };
    case 'lost':
      return { ...state, lostFor: news.seconds };
    case 'refused':
      return { ...state, refused: news.problem };
    default:
      return news satisfies never;
  }
}

function withProgress(state: LiveState, progress: Progress | null, at: number): LiveState {
  if (progress === null) return state;
  const before = state.progress;
  if (before !== null && progress.sequence < before.sequence) return state;
  const sameStep = runningStep(before) === runningStep(progress);
  return {
    ...state,
    progress,
    items: watched(sameStep ? state.items : new Map<string, WatchedItem>(), progress, before, at),
    samples: sampled(state.samples, progress),
  };
}

const runningStep = (progress: Progress | null): string | null =>
  progress?.steps.find(({ state }) => state === 'running')?.id ?? null;

function watched(
  items: ReadonlyMap<string, WatchedItem>,
  progress: Progress,
  before: Progress | null,
  at: number,
): ReadonlyMap<string, WatchedItem> {
  const seconds = before === null ? 0 : (progress.updatedAt - before.updatedAt) / 1000;
  const next = new Map(items);
  for (const item of progress.items) {
    const known = items.get(item.name);
    const moved = known === undefined || known.rows !== item.rows || known.bytes !== item.bytes;
    next.set(item.name, {
      ...item,
      movedAt: moved ? at : known.movedAt,
      rowsPerSecond:
        known === undefined || seconds <= 0
          ? (known?.rowsPerSecond ?? null)
          : Math.max(0, item.rows - known.rows) / seconds,
    });
  }
  return next;
}

function sampled(samples: readonly Sample[], progress: Progress): readonly Sample[] {
  const { updatedAt: at, bytesPerSecond, rowsPerSecond } = progress;
  if (bytesPerSecond === null || at <= (samples.at(-1)?.at ?? 0)) return samples;
  const next = [...samples, { at, bytesPerSecond, rowsPerSecond: rowsPerSecond ?? 0 }];
  return next.length <= samplesMax ? next : next.filter((_, index) => index % 2 === 0);
}
