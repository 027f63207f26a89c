import { createReadStream, createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { isFileError, privateDirectory, storageError } from '../../dump/files.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { absentReceipts, pairsOf } from './kept-tables.ts';
import type { KeptTable } from '../../plan/import-plan.ts';
import { copyIn, copyOut } from '../../postgres/copy.ts';
import { digestHex, digestsEqual, tableDigest } from '../../postgres/digest.ts';
import type { TableDigest } from '../../postgres/digest.ts';
import { qualifiedName } from '../../postgres/identifiers.ts';
import { copyColumns, copyToSql } from '../../postgres/rows.ts';
import { underSearchPath } from '../../postgres/search-path.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { TableReceipt } from '../contract/receipts.ts';
import { tableName } from '../../lib/table-name.ts';

const directoryOf = (dataDirectory: string, jobId: string): string => join(dataDirectory, 'spool', jobId);

/** Removes the rows that a dead run had set aside. */
export async function removeSpool(dataDirectory: string, jobId: string): Promise<void> {
  try {
    await rm(directoryOf(dataDirectory, jobId), { recursive: true, force: true });
  } catch (error) {
    throw storageError(error, 'Removing rows that a dead run had set aside');
  }
}

/**
 * Kept rows on our own disk while their table is dropped and made again within one transaction. Files 0600 in a 0700
 * directory, removed in the end whatever happens. Life: `fill` → `pour` → `remove`.
 */
export class Spool {
  readonly #directory: string;
  readonly #digests = new Map<string, TableDigest>();

  constructor(dataDirectory: string, jobId: string) {
    this.#directory = directoryOf(dataDirectory, jobId);
  }

  /** Copies the kept rows out, and remembers their digests. The caller's transaction holds the tables locked. */
  async fill(
    session: Session,
    keep: readonly KeptTable[],
    options: { readonly signal: AbortSignal },
  ): Promise<void> {
    await privateDirectory(this.#directory);
    for (const [index, { live }] of pairsOf(keep).entries()) {
      const name = tableName(live);
      try {
        this.#digests.set(name, await tableDigest(session, live, options));
        await copyOut(session, copyToSql(live), options, (rows) =>
          pipeline(rows, createWriteStream(this.#file(index), { mode: 0o600 })),
        );
      } catch (error) {
        options.signal.throwIfAborted();
        throw faultOf(error, `Setting the rows of ${name} aside`);
      }
    }
  }

  /** Puts the rows back into the new tables and proves them equal. */
  async pour(
    session: Session,
    keep: readonly KeptTable[],
    options: { readonly signal: AbortSignal },
  ): Promise<readonly TableReceipt[]> {
    const receipts: TableReceipt[] = [...absentReceipts(keep)];
    for (const [index, { table, live }] of pairsOf(keep).entries()) {
      const name = tableName(table);
      try {
        const sql = `COPY ${qualifiedName(table.schema, table.name)}${copyColumns(live.columns)} FROM stdin`;
        const pour = (): Promise<number> =>
          copyIn(session, sql, createReadStream(this.#file(index)), options);
        await underSearchPath(session, table.searchPath ?? [], pour, options);
      } catch (error) {
        options.signal.throwIfAborted();
        throw faultOf(error, `Putting the rows of ${name} back`);
      }
      const digest = await tableDigest(
        session,
        { schema: table.schema, name: table.name, columns: live.columns, condition: live.condition },
        options,
      );
      const before = this.#digests.get(tableName(live));
      if (before === undefined || !digestsEqual(before, digest)) {
        throw new SyncError('TARGET_KEPT_TABLE', `The kept rows of ${name} changed on the way.`);
      }
      receipts.push({
        table: name,
        rows: digest.rows,
        content: 'kept',
        digest: digestHex(digest),
        equal: true,
      });
    }
    return receipts;
  }

  async remove(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  #file(index: number): string {
    return join(this.#directory, `${index}.copy`);
  }
}

/** A file that cannot be written or read is no lost connection. */
function faultOf(error: unknown, what: string): SyncError {
  if (isFileError(error)) return storageError(error, what);
  return databaseError(error, 'target', what, 'TARGET_KEPT_TABLE');
}
