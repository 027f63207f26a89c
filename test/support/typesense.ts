import { inject } from 'vitest';
import type { SharedTypesense } from './needs.ts';
import { atFileEnd } from './postgres.ts';
import { launchTypesense } from './typesense-server.ts';
import type { TestTypesense } from './typesense-server.ts';

/** A server of the test's own, to kill or to start with other flags. Stopped when the file ends. */
export async function startTypesense(flags: Readonly<Record<string, string>> = {}): Promise<TestTypesense> {
  const server = await launchTypesense(flags);
  atFileEnd(() => server.stop());
  return server;
}

/** The server all search tests share: choose collection and alias names of your own, and drop them. */
export function sharedTypesense(): SharedTypesense {
  const shared = inject('typesense');
  if (shared === null) throw new Error('This project has no shared Typesense; use startTypesense().');
  return shared;
}
