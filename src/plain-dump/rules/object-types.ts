import type { TokenCursor } from './token-cursor.ts';

/** What CREATE, ALTER, DROP and COMMENT ON of a plain dump name: all of it lies inside one database. */
const insideTypes: readonly string[] = [
  'access method',
  'aggregate',
  'cast',
  'collation',
  'column',
  'constraint',
  'conversion',
  'default privileges',
  'domain',
  'event trigger',
  'extension',
  'foreign data wrapper',
  'foreign server',
  'foreign table',
  'function',
  'index',
  'language',
  'large object',
  'materialized view',
  'operator class',
  'operator family',
  'operator',
  'policy',
  'procedure',
  'publication',
  'routine',
  'rule',
  'schema',
  'sequence',
  'server',
  'statistics',
  'subscription',
  'table',
  'text search configuration',
  'text search dictionary',
  'text search parser',
  'text search template',
  'transform',
  'trigger',
  'type',
  'user mapping',
  'view',
];

const wholeServer = 'it reaches beyond the one database';
const outsideTypes: Readonly<Record<string, string>> = {
  database: wholeServer,
  group: wholeServer,
  owned: wholeServer,
  parameter: wholeServer,
  role: wholeServer,
  system: wholeServer,
  tablespace: wholeServer,
  user: wholeServer,
};

export interface ObjectType {
  /** As SQL writes it: `MATERIALIZED VIEW`. */
  readonly name: string;
  /** Why a statement about it is refused; null where it isn't. */
  readonly refusal: string | null;
}

/** The object type that comes next, passed over; null where none is known. */
export function takeObjectType(cursor: TokenCursor): ObjectType | null {
  if (cursor.take('procedural', 'language')) return { name: 'LANGUAGE', refusal: null };
  for (const type of insideTypes) {
    if (cursor.take(...type.split(' '))) return { name: type.toUpperCase(), refusal: null };
  }
  const { word } = cursor;
  const refusal = Object.hasOwn(outsideTypes, word) ? outsideTypes[word] : undefined;
  if (refusal === undefined) return null;
  cursor.at += 1;
  return { name: word.toUpperCase(), refusal };
}
