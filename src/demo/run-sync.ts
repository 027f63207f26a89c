import { createLiveView } from '../cli/render/live-view.ts';
import type { Screen } from '../cli/render/live-view.ts';
import { plainProgress } from '../cli/render/plain-progress.ts';
import { eventOf } from '../cli/run-job-request.ts';
import { reportedError } from '../cli/service-client.ts';
import type { ServiceClient } from '../cli/service-client.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { ErrorReport } from '../errors/sync-error.ts';
import type { JobEvent } from '../progress/progress.ts';
import type { Receipt } from '../sync/contract/receipts.ts';

export interface SyncOutput {
  /** A terminal to draw progress on; null: plain lines. */
  readonly screen: Screen | null;
  readonly colour: boolean;
  /** A line for people. */
  say(line: string): void;
  /** The result. */
  print(text: string): void;
}

interface EndedJob {
  readonly receipt: Receipt | null;
  readonly error: ErrorReport | null;
}

/**
 * `sync staging → production` through the HTTP API, with its progress. Throws the job's error, and MISMATCH_TABLES or
 * MISMATCH_SEARCH for a receipt that does not prove everything.
 */
export async function runSync(
  { client, output }: { readonly client: ServiceClient; readonly output: SyncOutput },
  signal: AbortSignal,
): Promise<Receipt> {
  const request = { source: 'staging', target: 'production', confirm: 'production' };
  const { id } = (await client.post('/api/sync', request, { signal })) as { readonly id: string };
  const progress = showProgress(output);
  try {
    for await (const { type, data } of client.events(`/api/jobs/${id}/stream`, { signal })) {
      const event = eventOf(type, data);
      if (event !== null) progress.onEvent(event);
    }
  } finally {
    progress.end();
  }
  const { receipt, error } = (await client.get(`/api/jobs/${id}`, { signal })) as EndedJob;
  if (receipt !== null) return proved(receipt);
  throw error === null
    ? new SyncError('INTERNAL', `Job ${id} ended without a receipt.`)
    : reportedError(error);
}

function showProgress(output: SyncOutput): { onEvent(event: JobEvent): void; end(): void } {
  const { screen, colour } = output;
  if (screen !== null) return createLiveView(screen, { color: colour, now: Date.now });
  const linesOf = plainProgress();
  return {
    onEvent: (event) => {
      for (const line of linesOf(event)) output.say(line);
    },
    end: () => {},
  };
}

function proved(receipt: Receipt): Receipt {
  const different = receipt.tables.filter(({ equal }) => !equal).map(({ table }) => table);
  if (receipt.tables.length === 0 || different.length > 0) {
    throw new SyncError(
      'MISMATCH_TABLES',
      `The receipt does not prove these tables: ${different.join(', ')}.`,
    );
  }
  const unproved = receipt.collections.filter(({ verified }) => !verified).map(({ alias }) => alias);
  if (unproved.length > 0) {
    throw new SyncError(
      'MISMATCH_SEARCH',
      `The receipt does not prove these collections: ${unproved.join(', ')}.`,
    );
  }
  return receipt;
}
