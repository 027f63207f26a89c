import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import { displayQualified } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { indexSettings } from '../indexes/index-settings.ts';
import type { IndexSettings } from '../indexes/index-settings.ts';
import { inTablespace, optionList, tablespacesOf, withOptions } from '../storage-options.ts';
import type { ConstraintRow } from './constraint-row.ts';
import { constraintNames } from './constraint-row.ts';
import { handedDownStatements, isHandedDown } from './handed-down-key.ts';

const kinds = { p: 'primary key', u: 'unique constraint', x: 'exclusion constraint' } as const;

export interface KeyFamily {
  /** The constraint of the partitioned table that this one is part of. */
  readonly parent: ConstraintRow | undefined;
  /** Ids of the tables below. */
  readonly below: readonly string[];
  /** Its own statement makes those of the partitions as well. */
  readonly makesParts: boolean;
}

/** A constraint that an index enforces; the index has no statement of its own. */
export function keyConstraint(
  row: ConstraintRow,
  settings: IndexSettings,
  { parent, below, makesParts: all }: KeyFamily,
): Draft {
  const kind = kinds[row.type as keyof typeof kinds];
  const { owner, table, constraint, identity, commentOn } = constraintNames(row, kind);
  const index = row.indexName ?? row.name;
  const handedDown = parent !== undefined && isHandedDown(row);
  return draft({
    id: keyId(row),
    kind,
    schema: row.schema,
    name: row.name,
    identity,
    section: 'post-data',
    sql: [
      ...(handedDown
        ? handedDownStatements(row, parent)
        : [
            inTablespace(
              row.tablespace,
              `ALTER TABLE ${all ? '' : 'ONLY '}${table} ADD CONSTRAINT ${constraint} ${row.definition ?? keyDefinition(row)};`,
            ),
          ]),
      ...indexSettings(
        {
          table,
          name: index,
          schema: row.schema,
          index: row.index,
          clustered: row.clustered === true,
          replicaIdentity: row.replicaIdentity === true,
        },
        settings,
      ),
    ].join('\n'),
    dropSql: row.attached ? null : `ALTER TABLE ${table} DROP CONSTRAINT ${constraint};`,
    partOf: owner,
    needs: handedDown ? [owner, keyId(parent)] : [owner],
    claims: [
      claim(address('pg_constraint', row.oid), identity, commentOn),
      claim(
        address('pg_class', row.index),
        `index ${displayQualified(row.schema, index)}`,
        `INDEX ${qualifiedName(row.schema, index)}`,
      ),
    ],
    locks: [owner, ...(all ? below : [])].map((id) => ({ table: id, mode: 'exclusive' as const })),
    tablespaces: tablespacesOf(row.tablespace),
    minServerMajor: row.period ? 18 : row.nullsNotDistinct === true ? 15 : 0,
  });
}

export function keyId({ type, oid }: ConstraintRow): string {
  return `${kinds[type as keyof typeof kinds]}:${oid}`;
}

/**
 * Built from the index: `pg_get_constraintdef` leaves out its storage parameters
 * (docs/facts/postgresql.md#keys-and-their-storage-parameters).
 */
function keyDefinition(row: ConstraintRow): string {
  const columns = row.keyColumns.map((name) => quoteIdentifier(name));
  const last = columns.at(-1);
  if (row.period && last !== undefined) columns.splice(-1, 1, `${last} WITHOUT OVERLAPS`);
  const included = row.includedColumns.map((name) => quoteIdentifier(name)).join(', ');
  return [
    row.type === 'p' ? 'PRIMARY KEY' : 'UNIQUE',
    row.nullsNotDistinct === true ? ' NULLS NOT DISTINCT' : '',
    ` (${columns.join(', ')})`,
    included === '' ? '' : ` INCLUDE (${included})`,
    withOptions(optionList(row.indexOptions)),
    row.deferrable ? ' DEFERRABLE' : '',
    row.deferred ? ' INITIALLY DEFERRED' : '',
  ].join('');
}
