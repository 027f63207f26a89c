import { digestAlgorithm, rowText } from '../../postgres/digest.ts';
import { quoteIdentifier } from '../../postgres/identifiers.ts';
import type { Side as ErrorSide } from '../../postgres/conditions.ts';
import type { CallOptions, Queryable } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Chosen, Groups, Side } from './bisect.ts';

/** A table as one end has it. */
export interface ComparedTable {
  /** What stands after FROM. */
  readonly rows: string;
  /** In the order in which they are hashed: the same at both ends. */
  readonly columns: readonly { readonly name: string }[];
  /** Columns that tell its rows apart; empty for none: then rows of one content are counted. */
  readonly key: readonly string[];
  /** As what the key is hashed: the same at both ends. */
  readonly keyAs: 'text' | 'bigint' | 'uuid';
}

const hash = (text: string, seed: number): string =>
  `pg_catalog.hashtextextended((${text}) COLLATE pg_catalog."C", ${seed})`;

/** The hash by which a row is grouped and found: of its key, else of all of it. */
export function keyHash({ columns, key, keyAs }: Omit<ComparedTable, 'rows'>): string {
  const [only = ''] = key;
  switch (keyAs) {
    case 'text':
      return hash(rowText(key.length === 0 ? columns : key.map((name) => ({ name }))), 3);
    case 'bigint':
      return `pg_catalog.hashint8extended(${quoteIdentifier(only)}, 3)`;
    case 'uuid':
      return `pg_catalog.uuid_hash_extended(${quoteIdentifier(only)}, 3)`;
    default:
      return keyAs satisfies never;
  }
}

/** A numeric sum of hashes modulo 2^64, as a bigint. */
const folded = (sum: string): string =>
  `((${sum} % 18446744073709551616 + 18446744073709551616) % 18446744073709551616 - 9223372036854775808)::bigint`;

const packed = (...parts: readonly string[]): string =>
  `COALESCE(pg_catalog.encode(pg_catalog.string_agg(${parts.join(' || ')}, ''::bytea), 'base64'), '')`;

const groupOf = (key: string, bits: number): string => `(${key} & ${2 ** bits - 1})::int`;

const isChosen = (key: string, bits: number): string =>
  `pg_catalog.get_bit(pg_catalog.decode($1::text, 'base64'), ${groupOf(key, bits)}) = 1`;

/** Whose fault an error is, and what it was about. */
export interface AskedSide {
  readonly side: ErrorSide;
  readonly name: string;
}

/** A table at one end, asked on this session. */
export function sideOf(session: Queryable, table: ComparedTable, { side, name }: AskedSide): Side {
  const key = keyHash(table);
  const line = rowText(table.columns);
  const ask = async <Row>(
    sql: string,
    chosen: Chosen | null,
    options: CallOptions,
  ): Promise<readonly Row[]> =>
    session
      .query<Row>(sql, chosen === null ? [] : [Buffer.from(chosen.map).toString('base64')], options)
      .catch((error: unknown) => {
        options.signal?.throwIfAborted();
        throw databaseError(error, side, `Comparing the rows of table ${name}`);
      });
  return {
    all: async (bits, options) => {
      const [row] = await ask<{ rows: string; high: string; low: string; groups: string }>(
        `SELECT COALESCE(sum(members), 0)::text AS rows, COALESCE(sum(high), 0)::text AS high,
  COALESCE(sum(low), 0)::text AS low, ${packed('pg_catalog.int4send(id)', `pg_catalog.int8send(${folded('high')})`)} AS groups
FROM (SELECT id, count(*) AS members, sum(${hash('line', 1)}) AS high, sum(${hash('line', 2)}) AS low
  FROM (SELECT ${groupOf(key, bits)} AS id, ${line} AS line FROM ${table.rows} OFFSET 0) AS lines
  GROUP BY id) AS grouped`,
        null,
        options,
      );
      if (row === undefined) throw new Error('an aggregate returned no row');
      return {
        digest: {
          algorithm: digestAlgorithm,
          rows: Number(row.rows),
          sumHigh: row.high,
          sumLow: row.low,
        },
        groups: groupsOf(row.groups),
      };
    },
    within: async (chosen, bits, options) => {
      const [row] = await ask<{ groups: string }>(
        `SELECT ${packed('pg_catalog.int4send(id)', `pg_catalog.int8send(${folded('high')})`)} AS groups
FROM (SELECT ${groupOf(key, bits)} AS id, sum(${hash(line, 1)}) AS high FROM ${table.rows}
  WHERE ${isChosen(key, chosen.bits)} GROUP BY 1) AS grouped`,
        chosen,
        options,
      );
      return groupsOf(row?.groups ?? '');
    },
    rows: async (chosen, options) => {
      const [row] = await ask<{ pairs: string }>(
        `SELECT ${packed(`pg_catalog.int8send(${key})`, `pg_catalog.int8send(${hash(line, 1)})`)} AS pairs
FROM ${table.rows} WHERE ${isChosen(key, chosen.bits)}`,
        chosen,
        options,
      );
      return pairsOf(row?.pairs ?? '');
    },
  };
}

const groupBytes = 12;

function groupsOf(text: string): Groups {
  const bytes = Buffer.from(text, 'base64');
  const groups = new Map<number, bigint>();
  for (let at = 0; at + groupBytes <= bytes.length; at += groupBytes)
    groups.set(bytes.readInt32BE(at), bytes.readBigInt64BE(at + 4));
  return groups;
}

function pairsOf(text: string): BigInt64Array {
  const bytes = Buffer.from(text, 'base64');
  const pairs = new BigInt64Array(Math.floor(bytes.length / 16) * 2);
  for (let at = 0; at < pairs.length; at += 1) pairs[at] = bytes.readBigInt64BE(at * 8);
  return pairs;
}
