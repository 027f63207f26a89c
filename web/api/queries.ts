import { QueryCache, QueryClient, queryOptions, infiniteQueryOptions } from '@tanstack/react-query';
import { call, Problem } from './client.ts';
import type { Operations } from './types.ts';

const secondMs = 1000;
/** Lists follow what other people and programs start. */
const listEveryMs = 3 * secondMs;
/** A test opens a connection to the database and to Typesense. */
const testEveryMs = 120 * secondMs;

type JobsQuery = Operations['GET /api/jobs']['query'];

/** One cache for the whole page. `refused`: the service does not know what this page has shown it. */
export function createClient(refused: () => void): QueryClient {
  return new QueryClient({
    queryCache: new QueryCache({
      onError: (error) => {
        if (error instanceof Problem && error.status === 401) refused();
      },
    }),
    defaultOptions: {
      queries: {
        // What was asked wrongly stays wrong.
        retry: (failures, error) =>
          failures < 3 && !(error instanceof Problem && error.status < 500 && error.status !== 429),
        staleTime: secondMs,
        // Asked on a machine without a network as well: the service may be on it.
        networkMode: 'always',
      },
      mutations: { networkMode: 'always' },
    },
  });
}

export const queries = {
  environments: () =>
    queryOptions({
      queryKey: ['environments'],
      queryFn: ({ signal }) => call('GET /api/environments', {}, { signal }),
      staleTime: 60 * secondMs,
    }),
  test: (name: string) =>
    queryOptions({
      queryKey: ['test', name],
      queryFn: ({ signal }) => call('POST /api/environments/{name}/test', { params: { name } }, { signal }),
      staleTime: testEveryMs,
      refetchInterval: testEveryMs,
      retry: false,
    }),
  jobs: (query: JobsQuery) =>
    queryOptions({
      queryKey: ['jobs', query],
      queryFn: ({ signal }) => call('GET /api/jobs', { query }, { signal }),
      refetchInterval: listEveryMs,
    }),
  history: (query: JobsQuery) =>
    infiniteQueryOptions({
      queryKey: ['jobs', 'history', query],
      queryFn: ({ signal, pageParam }) =>
        call(
          'GET /api/jobs',
          { query: pageParam === null ? query : { ...query, cursor: pageParam } },
          { signal },
        ),
      initialPageParam: null as string | null,
      getNextPageParam: ({ nextCursor }) => nextCursor,
      refetchInterval: listEveryMs,
    }),
  job: (id: string) =>
    queryOptions({
      queryKey: ['job', id],
      queryFn: ({ signal }) => call('GET /api/jobs/{id}', { params: { id } }, { signal }),
    }),
  log: (id: string) =>
    queryOptions({
      queryKey: ['log', id],
      queryFn: ({ signal }) => call('GET /api/jobs/{id}/logs', { params: { id } }, { signal }),
    }),
  dumps: () =>
    queryOptions({
      queryKey: ['dumps'],
      queryFn: ({ signal }) => call('GET /api/dumps', {}, { signal }),
    }),
  kept: () =>
    queryOptions({
      queryKey: ['kept'],
      queryFn: ({ signal }) => call('GET /api/kept', {}, { signal }),
    }),
  schedules: () =>
    queryOptions({
      queryKey: ['schedules'],
      queryFn: ({ signal }) => call('GET /api/schedules', {}, { signal }),
      refetchInterval: 10 * secondMs,
    }),
  notices: () =>
    queryOptions({
      queryKey: ['notices'],
      queryFn: ({ signal }) => call('GET /api/notices', {}, { signal }),
    }),
  tokens: () =>
    queryOptions({
      queryKey: ['tokens'],
      queryFn: ({ signal }) => call('GET /api/tokens', {}, { signal }),
    }),
  health: () =>
    queryOptions({
      queryKey: ['health'],
      queryFn: ({ signal }) => call('GET /health', {}, { signal }),
      staleTime: Infinity,
    }),
};
