import type { EndTable } from '../../../plan/row-places.ts';
import type { ReferenceQuestion } from '../../../plan/reference-questions.ts';
import { onOtherEnd, otherName, typeThere } from '../../../plan/schema-names.ts';
import type { SchemaNames } from '../../../plan/schema-names.ts';
import type { TableRows } from '../../../postgres/rows.ts';
import type { Session } from '../../../postgres/session.ts';
import { serverFact, sqlState } from '../../../postgres/sqlstate.ts';
import { keysSql, missingSql } from './reference-sql.ts';
import type { KeyColumns } from './reference-sql.ts';

/** For all foreign keys together; what is not asked by then shows when they are made. */
export const askingMs = 120_000;

/** The session that asks one end's rows, in a transaction that the caller has opened. Both ends may be the same. */
export interface AskedEnd {
  readonly session: Session;
  /** The end whose schema names are in force there. */
  readonly names: 'source' | 'target';
  /** Its tables, where they are not read as they are. */
  readonly tables?: readonly TableRows[] | undefined;
}

export interface AskInput {
  readonly questions: readonly ReferenceQuestion[];
  readonly names: SchemaNames | null;
  readonly source: AskedEnd;
  readonly target: AskedEnd;
}

export interface MissingRows {
  readonly question: ReferenceQuestion;
  /** Rows that refer to nothing, and how many different keys they have. */
  readonly rows: number;
  readonly keys: number;
  /** The first of the keys; empty where they may not be told. */
  readonly first: readonly string[];
}

export interface ReferenceAnswers {
  readonly missing: readonly MissingRows[];
  /** A sentence for each key that could not be asked for, or not to the end. */
  readonly notes: readonly string[];
}

export interface AskOptions {
  readonly signal: AbortSignal;
  /** Fires when the time for all questions is over; what was found until then is reported. Null for no limit. */
  readonly limit: AbortSignal | null;
}

/** Keys that are sent at a time: some ten kilobytes. */
const batchKeys = 2_000;
/** Keys named of one foreign key. */
const namedMax = 20;
const cursor = 'multiboard_sync_keys';

/**
 * Whether the rows of one end find the rows they refer to at the other. A cursor reads each different key at one end,
 * and batches look them up at the other; memory is one batch. Only reads; takes ACCESS SHARE. On abort it rejects
 * with the signal's reason. After an abort, or when the limit has fired, the sessions cannot be used any more. A key
 * that a server cannot compare (it lacks the type) becomes a note.
 */
export async function askReferences(
  input: AskInput,
  { signal, limit }: AskOptions,
): Promise<ReferenceAnswers> {
  const options = { signal: limit === null ? signal : AbortSignal.any([signal, limit]) };
  const answers: Answer[] = [];
  const notes: string[] = [];
  const sessions = [...new Set([input.source.session, input.target.session])];
  for (const question of input.questions) {
    const answer: Answer = { question, rows: 0, keys: 0, first: [] };
    answers.push(answer);
    const unasked = (why: string): string =>
      `The check whether all rows of ${question.table} find the rows they refer to was not finished ` +
      `(${why}): ${question.foreignKey}.`;
    try {
      for (const session of sessions) await session.execute('SAVEPOINT question', options);
      await askOne(answer, input, options);
    } catch (error) {
      signal.throwIfAborted();
      const isLate = limit?.aborted === true;
      if (!isLate && !isAboutStatement(error)) throw error;
      notes.push(unasked(isLate ? 'it took too long' : serverFact(error)));
      if (isLate) continue;
    }
    for (const session of sessions)
      await session.execute('ROLLBACK TO SAVEPOINT question; RELEASE SAVEPOINT question', { signal });
  }
  return { missing: answers.filter(({ rows }) => rows > 0), notes };
}

interface Answer extends MissingRows {
  rows: number;
  keys: number;
  readonly first: string[];
}

async function askOne(
  answer: Answer,
  input: AskInput,
  options: { readonly signal: AbortSignal },
): Promise<void> {
  const { question } = answer;
  for (const table of question.from) {
    const end = input[table.end];
    const sql = keysSql(nameAt(end, table, input), question.columns, question.full);
    await end.session.execute(`DECLARE ${cursor} NO SCROLL CURSOR FOR ${sql}`, options);
    for (let batch = await nextKeys(end, options); batch.length > 0; batch = await nextKeys(end, options)) {
      for (const { key, rows } of await withoutRow(batch, question, input, options)) {
        answer.rows += Number(rows);
        answer.keys += 1;
        if (question.tellsKeys && answer.first.length < namedMax) answer.first.push(keyText(key));
      }
    }
    await end.session.execute(`CLOSE ${cursor}`, options);
  }
}

interface Key {
  readonly key: readonly (string | null)[];
  readonly rows: string;
}

async function nextKeys(
  { session }: AskedEnd,
  options: { readonly signal: AbortSignal },
): Promise<readonly Key[]> {
  return session.query<Key>(`FETCH ${batchKeys} FROM ${cursor}`, [], options);
}

/** Those of some keys that no table has. */
async function withoutRow(
  batch: readonly Key[],
  { to, columns, written, period }: ReferenceQuestion,
  input: AskInput,
  options: { readonly signal: AbortSignal },
): Promise<readonly Key[]> {
  let open = batch;
  for (const which of ['source', 'target'] as const) {
    const end = input[which];
    const tables = to.filter((table) => table.end === which).map((table) => nameAt(end, table, input));
    if (tables.length === 0 || open.length === 0) continue;
    const there = columnsAt(end, columns, written, input.names);
    const values = there.map((_column, index) => open.map(({ key }) => key[index] ?? null));
    const absent = await end.session.query<{ place: number }>(
      missingSql(tables, there, period),
      values,
      options,
    );
    const before = open;
    open = absent.flatMap(({ place }) => before[place - 1] ?? []);
  }
  return open;
}

function nameAt(
  { names: own, tables }: AskedEnd,
  table: EndTable,
  { names }: Pick<AskInput, 'names'>,
): TableRows {
  const { schema, name } = own === table.end ? table : onOtherEnd(names, table);
  const known = tables?.find((one) => one.schema === schema && one.name === name);
  return { schema, name, reading: known?.reading };
}

function columnsAt(
  end: AskedEnd,
  columns: KeyColumns,
  written: 'source' | 'target',
  names: SchemaNames | null,
): KeyColumns {
  if (names === null || end.names === written) return columns;
  return columns.map((column) => ({
    ...column,
    type: column.type === null ? null : typeThere(column.type, names),
    equals: { ...column.equals, schema: otherName(names, column.equals.schema) },
  }));
}

/** `17`, `(17,x)`; a value that could be taken for two stands between quotes. */
function keyText(key: readonly (string | null)[]): string {
  const texts = key.map((value) => {
    if (value === null) return 'NULL';
    return /^[\w.:+-]+$/.test(value) ? value : JSON.stringify(value);
  });
  return texts.length === 1 ? (texts[0] ?? '') : `(${texts.join(',')})`;
}

/** The server refused the question itself (a missing type or privilege), not because of its state. */
function isAboutStatement(error: unknown): boolean {
  const state = sqlState(error) ?? '';
  return ['22', '42'].includes(state.slice(0, 2)) || state === '0A000';
}
