import type { Told } from '../api/client.ts';
import type { Job, LogLine, Progress } from '../api/types.ts';

/** A job as the feed tells it: without what is known of its undo. */
export type FedJob = Omit<Job, 'undo'>;

/** What is told of a followed job. */
export type News =
  | { readonly type: 'job' | 'end'; readonly job: FedJob }
  | { readonly type: 'progress'; readonly progress: Progress }
  | { readonly type: 'log'; readonly line: LogLine }
  | { readonly type: 'gap'; readonly dropped: number }
  /** The connection is there (again). */
  | { readonly type: 'open' }
  /** It is lost, and tried again in so long. */
  | { readonly type: 'lost'; readonly seconds: number }
  /** The service will not tell. */
  | { readonly type: 'refused'; readonly problem: Told };

/** From a tab to the worker. */
export type Wish =
  | { readonly type: 'follow'; readonly id: string; readonly pass: string | null }
  | { readonly type: 'leave'; readonly id: string };

/** From the worker to a tab. */
export interface Tell {
  readonly id: string;
  readonly news: News;
}
