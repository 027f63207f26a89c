import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft, relationId } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './sequences.sql');

export interface SequenceRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  readonly persistence: string;
  readonly type: string;
  /** These are bigint: as text. */
  readonly start: string;
  readonly increment: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cache: string;
  readonly cycle: boolean;
  readonly link: 'identity' | 'owned' | null;
  readonly table: number | null;
  readonly tableRelkind: string | null;
  readonly tablePersistence: string | null;
  readonly tableSchema: string | null;
  readonly tableName: string | null;
  readonly column: string | null;
  readonly identity: string | null;
  /** The role may see its value. */
  readonly readable: boolean;
}

export interface Sequences {
  readonly rows: readonly SequenceRow[];
  readonly drafts: readonly Draft[];
}

export async function readSequences(catalog: CatalogSession): Promise<Sequences> {
  const rows = await catalog.rows<SequenceRow>(sql);
  return { rows, drafts: rows.flatMap((row) => sequenceDrafts(row)) };
}

/** A sequence's table, where a column owns it. */
export function sequenceTable(row: SequenceRow): Owner | null {
  const { table, tableRelkind, tableSchema, tableName, column } = row;
  if (
    table === null ||
    tableRelkind === null ||
    tableSchema === null ||
    tableName === null ||
    column === null
  ) {
    return null;
  }
  return { id: relationId(tableRelkind, table), quoted: qualifiedName(tableSchema, tableName), column };
}

interface Owner {
  readonly id: string;
  readonly quoted: string;
  readonly column: string;
}

function sequenceDrafts(row: SequenceRow): Draft[] {
  const owner = sequenceTable(row);
  if (owner !== null && row.link === 'identity') return [identityDraft(row, owner)];
  const created = createdDraft(row, owner);
  return owner === null ? [created] : [created, ownedByDraft(row, owner, created.id)];
}

function createdDraft(row: SequenceRow, owner: Owner | null): Draft {
  const quoted = qualifiedName(row.schema, row.name);
  const unlogged = row.persistence === 'u' ? 'UNLOGGED ' : '';
  return draft({
    ...sequenceFields(row),
    sql: `CREATE ${unlogged}SEQUENCE ${quoted} AS ${row.type}${sequenceOptions(row)};`,
    dropSql: `DROP SEQUENCE ${quoted};`,
    partOf: owner?.id ?? null,
    // A sequence that a column owns has its table's owner, and cannot have another.
    owner: owner === null ? { role: row.owner, alter: `SEQUENCE ${quoted}` } : null,
    minServerMajor: row.persistence === 'u' ? 15 : 0,
  });
}

function ownedByDraft(row: SequenceRow, owner: Owner, sequenceId: string): Draft {
  const alter = `ALTER SEQUENCE ${qualifiedName(row.schema, row.name)} OWNED BY`;
  return draft({
    id: `sequence owned by:${row.oid}`,
    kind: 'sequence owned by',
    schema: row.schema,
    name: row.name,
    identity: `owner column of sequence ${displayQualified(row.schema, row.name)}`,
    section: 'pre-data',
    sql: `${alter} ${owner.quoted}.${quoteIdentifier(owner.column)};`,
    // Undone first, so that the sequence can be dropped after every table that uses it, whichever owns it.
    dropSql: `${alter} NONE;`,
    partOf: sequenceId,
    needs: [sequenceId, owner.id],
  });
}

function identityDraft(row: SequenceRow, owner: Owner): Draft {
  const quoted = qualifiedName(row.schema, row.name);
  const when = row.identity === 'a' ? 'ALWAYS' : 'BY DEFAULT';
  // AS type would contradict the column's own type.
  const add =
    `ALTER TABLE ${owner.quoted} ALTER COLUMN ${quoteIdentifier(owner.column)} ADD GENERATED ${when} AS IDENTITY (` +
    `\n  SEQUENCE NAME ${quoted}${sequenceOptions(row)}\n);`;
  const persistence =
    row.persistence === row.tablePersistence
      ? ''
      : `\nALTER SEQUENCE ${quoted} SET ${row.persistence === 'u' ? 'UNLOGGED' : 'LOGGED'};`;
  return draft({
    ...sequenceFields(row),
    sql: `${add}${persistence}`,
    dropSql: null,
    partOf: owner.id,
    needs: [owner.id],
    minServerMajor: persistence === '' ? 0 : 15,
  });
}

function sequenceFields(row: SequenceRow) {
  const identity = `sequence ${displayQualified(row.schema, row.name)}`;
  const quoted = qualifiedName(row.schema, row.name);
  return {
    id: `sequence:${row.oid}`,
    kind: 'sequence',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'pre-data',
    claims: [claim(address('pg_class', row.oid), identity, `SEQUENCE ${quoted}`, quoted)],
  } as const;
}

function sequenceOptions(row: SequenceRow): string {
  return [
    `START WITH ${row.start}`,
    `INCREMENT BY ${row.increment}`,
    `MINVALUE ${row.minimum}`,
    `MAXVALUE ${row.maximum}`,
    `CACHE ${row.cache}`,
    row.cycle ? 'CYCLE' : 'NO CYCLE',
  ]
    .map((option) => `\n  ${option}`)
    .join('');
}
