import { SyncError } from '../../errors/sync-error.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import { keyHash } from '../differing/side.ts';
import { furtherState, readSequences } from '../kept/sequence-states.ts';
import { applyRows, pairRows } from './apply-rows.ts';
import type { PairedTable } from './apply-rows.ts';
import { columnTypes, linesTable } from './before-images.ts';
import type { UndoContents } from './before-images.ts';
import { deferrableFaults } from './check-deferrable.ts';
import { checkReferences } from './check-references.ts';
import { columnOf, keysTable, lineOf, newTable, oldRowsSql, oldTable, stagingSql } from './merge-table.ts';
import type { MergeTable } from './merge-table.ts';
import { setSequences } from './sequences.ts';
import type { ChangedSequence } from './sequences.ts';

interface Options {
  readonly signal: AbortSignal;
}

export interface UndoneRows {
  readonly paired: readonly PairedTable[];
  readonly sequences: readonly ChangedSequence[];
}

/**
 * Makes the rows that a merge changed what they were before, in the open transaction, whose tables are locked.
 * CONFLICT_UNDO_CHANGED names tables in which others have changed the same rows since, or whose columns are others now,
 * or which would break a constraint: nothing is overwritten.
 */
export async function undoRows(
  session: Session,
  schema: string,
  contents: UndoContents,
  options: Options,
): Promise<UndoneRows> {
  const tables = contents.tables.map(undoTable);
  await refuseOtherColumns(session, contents, options);
  const changed: string[] = [];
  for (const table of tables) {
    try {
      const rows = await stageBefore(session, schema, table, options);
      if (rows > 0) changed.push(`${rows} row(s) of ${table.name}`);
    } catch (error) {
      options.signal.throwIfAborted();
      throw databaseError(error, 'target', `Reading the kept rows of table ${table.name}`);
    }
  }
  if (changed.length > 0) {
    throw new SyncError(
      'CONFLICT_UNDO_CHANGED',
      `Others have changed rows since that the job had changed: ${changed.join(', ')}. Nothing was undone.`,
      {
        details: { rows: changed },
        hint:
          'An undo would overwrite them. Bring these rows back by hand to what the job had made of them, or sync ' +
          'again instead.',
      },
    );
  }
  const paired: PairedTable[] = [];
  for (const table of tables) {
    await session.execute(`DROP TABLE ${oldTable(table)}`, options);
    paired.push(await pairRows(session, table, 'of keys', options));
  }
  await applyRows(session, paired, options);
  await refuseBrokenKeys(session, tables, options);
  await checkReferences(session, [], tables, options);
  const sequences = await sequencesBack(session, contents, options);
  await setSequences(session, sequences, options);
  return { paired, sequences };
}

/** A value that a row had may be another row's by now. */
async function refuseBrokenKeys(
  session: Session,
  tables: readonly MergeTable[],
  options: Options,
): Promise<void> {
  const faults = await deferrableFaults(session, tables, options);
  if (faults.length === 0) return;
  throw new SyncError('CONFLICT_UNDO_CHANGED', `${faults.join('; ')}. Nothing was undone.`, {
    details: { constraints: faults },
    hint: 'Others have added or changed rows since, which have these values now. Change or delete them first.',
  });
}

/** Rows without a key are told apart by what is kept of them, which the server's own columns are not. */
function undoTable(table: UndoContents['tables'][number]): MergeTable {
  const { compared, columns } = table;
  return compared.key.length > 0
    ? table
    : { ...table, compared: { ...compared, columns: columns.map((name) => ({ name })) } };
}

async function refuseOtherColumns(
  session: Session,
  { tables }: UndoContents,
  options: Options,
): Promise<void> {
  const others: string[] = [];
  for (const table of tables) {
    const types = await columnTypes(session, table, options);
    if (types.join('\0') !== table.types.join('\0')) others.push(table.name);
  }
  if (others.length === 0) return;
  throw new SyncError(
    'CONFLICT_UNDO_CHANGED',
    `The columns of ${others.join(', ')} are not what they were when the job ran. Nothing was undone.`,
    { details: { tables: others }, hint: 'Take back what was changed in these tables first.' },
  );
}

/** Stages the rows as they were. Returns how many rows are no longer what the merge made of them. */
async function stageBefore(
  session: Session,
  schema: string,
  table: MergeTable,
  options: Options,
): Promise<number> {
  const { compared, columns } = table;
  const names = compared.key.length > 0 ? compared.key : columns;
  const staged = {
    columns: names.map((name) => ({ name: columnOf(table, name) })),
    key: compared.key.map((name) => columnOf(table, name)),
    keyAs: compared.keyAs,
  };
  const line = lineOf(table);
  const list = columns.map((name) => columnOf(table, name));
  const rowType = newTable(table);
  const parsed = (which: 'before' | 'after'): string =>
    `SELECT ${list.map((name) => `(r).${name}`).join(', ')} FROM (SELECT line::${rowType} AS r FROM ${linesTable(schema, which, table.index)} OFFSET 0) AS lines`;
  await session.execute(stagingSql(table), options);
  const into = `${newTable(table)}${list.length === 0 ? '' : ` (${list.join(', ')})`}`;
  const hashes = `INSERT INTO ${keysTable(table)} SELECT DISTINCT ${keyHash(staged)} FROM ${newTable(table)}`;
  // Both, for their keys.
  await session.execute(`INSERT INTO ${into} ${parsed('after')}`, options);
  await session.execute(`INSERT INTO ${into} ${parsed('before')}`, options);
  await session.execute(hashes, options);
  await session.execute(`DELETE FROM ${newTable(table)}`, options);
  await session.execute(oldRowsSql(table, 'of keys'), options);
  const [now, made] = [
    `SELECT ${line} AS line FROM ${oldTable(table)}`,
    `SELECT line FROM ${linesTable(schema, 'after', table.index)}`,
  ];
  // Without a key there may be more rows of the same content that the merge has left alone. A row that others have
  // changed is one of both.
  const counts = [
    `${made} EXCEPT ALL ${now}`,
    ...(compared.key.length === 0 ? [] : [`${now} EXCEPT ALL ${made}`]),
  ].map((rows) => `(SELECT count(*) FROM (${rows}) AS changed)`);
  const [row] = await session.query<{ rows: number }>(
    `SELECT GREATEST(${counts.join(', ')})::int AS rows`,
    [],
    options,
  );
  if (compared.key.length === 0) {
    await session.execute(
      `INSERT INTO ${into} SELECT ${list.map((name) => `(r).${name}`).join(', ')}
FROM (SELECT line::${rowType} AS r FROM (${now} EXCEPT ALL ${made}) AS rest OFFSET 0) AS lines`,
      options,
    );
  }
  await session.execute(`INSERT INTO ${into} ${parsed('before')}`, options);
  return row?.rows ?? 0;
}

/** What nobody has taken a number of goes back; else it goes to the further of both. */
async function sequencesBack(
  session: Session,
  { sequences }: UndoContents,
  options: Options,
): Promise<readonly ChangedSequence[]> {
  const [present] = await session.query<{ at: readonly number[] }>(
    `SELECT COALESCE(pg_catalog.array_agg(w.at::int ORDER BY w.at), '{}') AS at
FROM unnest($1::text[]) WITH ORDINALITY AS w (name, at) WHERE pg_catalog.to_regclass(w.name) IS NOT NULL`,
    [sequences.map(({ schema, name }) => `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`)],
    options,
  );
  const there = sequences.filter((_, index) => present?.at.includes(index + 1) === true);
  const states = await readSequences(session, there, options);
  return there.flatMap((sequence, index) => {
    const now = states[index];
    if (now === undefined) return [];
    const same = now.lastValue === sequence.after.lastValue && now.isCalled === sequence.after.isCalled;
    const { lastValue, isCalled } = same
      ? sequence.before
      : furtherState(sequence.before, now, now.increment);
    const before = { lastValue: now.lastValue, isCalled: now.isCalled };
    return [{ schema: sequence.schema, name: sequence.name, before, after: { lastValue, isCalled } }];
  });
}
