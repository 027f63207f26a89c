import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useReducer, useRef } from 'react';
import { queries } from '../api/queries.ts';
import type { Job, LogLine } from '../api/types.ts';
import { hasEnded } from '../lib/words.ts';
import { followJob } from './follow-job.ts';
import { liveStart, withNews } from './live-state.ts';
import type { LiveState } from './live-state.ts';
import { allLines, mergedJob } from './merged-job.ts';

export interface LiveJob extends LiveState {
  /** Null until it was read. */
  readonly job: Job | null;
  readonly lines: readonly LogLine[];
  readonly error: Error | null;
}

/** A job as it is now, followed to its end. */
export function useLiveJob(id: string): LiveJob {
  const client = useQueryClient();
  const { data, error } = useQuery(queries.job(id));
  const log = useQuery(queries.log(id));
  const [live, dispatch] = useReducer(withNews, liveStart);
  const ended = useRef(false);
  ended.current = data !== undefined && hasEnded(data.state);

  useEffect(() => {
    // What has ended is told whole by its own address.
    if (data === undefined || ended.current) return undefined;
    return followJob(id, (news) => {
      dispatch({ news, at: Date.now() });
      // The stream holds what comes; what came before, also while the connection was lost, is read.
      if (news.type === 'job' || news.type === 'gap')
        void client.invalidateQueries({ queryKey: ['log', id] });
      if (news.type === 'end')
        for (const queryKey of [['job', id], ['log', id], ['jobs'], ['kept'], ['dumps'], ['test']])
          void client.invalidateQueries({ queryKey });
    });
  }, [id, client, data === undefined]);

  return { ...live, job: mergedJob(data, live), lines: allLines(log.data?.lines ?? [], live.lines), error };
}
