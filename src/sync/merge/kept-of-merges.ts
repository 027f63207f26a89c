import { undoSchemaPattern } from '../../catalog/undo-schemas.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import type { Session } from '../../postgres/session.ts';
import { readContents } from './before-images.ts';

const keptOfMergesSql = sqlFile(import.meta.url, './kept-of-merges.sql');

/** The rows that a merge has kept in its target. */
export interface KeptOfMerge {
  readonly schema: string;
  readonly jobId: string;
  /** Epoch milliseconds, by the server's clock: when it is removed. */
  readonly until: number;
  readonly bytes: number;
}

/** What merges have kept in a database for their undo; without schemas of other roles, or of somebody else's making. */
export async function keptOfMerges(
  session: Session,
  options: { readonly signal: AbortSignal },
): Promise<readonly KeptOfMerge[]> {
  const schemas = await session.query<{ readonly name: string; readonly bytes: string }>(
    keptOfMergesSql,
    [undoSchemaPattern],
    options,
  );
  const kept: KeptOfMerge[] = [];
  for (const { name, bytes } of schemas) {
    const contents = await readContents(session, name, options);
    if (contents === null) continue;
    kept.push({ schema: name, jobId: contents.job, until: contents.until, bytes: Number(bytes) });
  }
  return kept;
}
