import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../../config/config.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { placeFile } from '../../lib/durable-file.ts';
import { makeDirectory } from '../../lib/make-directory.ts';
import type { RejectedDocuments } from '../../search/rejected-documents.ts';

/**
 * Writes the first hundred documents that cannot be searched into a file for its owner alone, one JSON object a line
 * with id, field and reason, and returns the error with the file's name. One file for each collection of an
 * environment: the last look counts. Every other error is returned as it is.
 */
export async function withRejectFile(
  { data }: Pick<Config['directories'], 'data'>,
  environment: string,
  rejected: { readonly collection: string; readonly rejects: RejectedDocuments } | null,
  error: unknown,
): Promise<unknown> {
  if (rejected === null || !(error instanceof SyncError) || error.code !== 'SEARCH_DOCUMENT_REJECTED')
    return error;
  const { collection, rejects } = rejected;
  const folder = join(data, 'rejects');
  const name = `${environment}-${collection}.jsonl`;
  await makeDirectory(folder, 0o700);
  const lines = rejects.first.map((document) => `${JSON.stringify(document)}\n`);
  await placeFile(join(folder, name), lines.join(''), rename);
  const listed = rejects.count > rejects.first.length ? `The first ${rejects.first.length} are` : 'They are';
  return new SyncError(
    error.code,
    `${error.message} ${listed} listed in rejects/${name} in the data directory.`,
    {
      cause: error,
      details: error.details,
      hint: error.hint,
    },
  );
}
