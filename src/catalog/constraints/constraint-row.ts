import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { relationId } from '../draft.ts';
import type { ReferenceColumn } from '../model.ts';

export interface ConstraintRow {
  readonly oid: number;
  /** `p` primary key, `u` unique, `x` exclusion, `c` check, `f` foreign key. */
  readonly type: 'p' | 'u' | 'x' | 'c' | 'f';
  readonly name: string;
  readonly table: number;
  readonly schema: string;
  readonly tableName: string;
  readonly relkind: string;
  readonly partition: boolean;
  /** OID of the parent's constraint it was made from; 0 for none. */
  readonly parent: number;
  readonly local: boolean;
  readonly validated: boolean;
  readonly enforced: boolean;
  /** A CHECK that may look at rows of other tables, which must be there first. */
  readonly looksAround: boolean;
  readonly deferrable: boolean;
  readonly deferred: boolean;
  /** OID of the referenced table; 0 for other kinds. */
  readonly referenced: number;
  /** The columns of a foreign key; null for other kinds. */
  readonly references: readonly ReferenceColumn[] | null;
  readonly matchFull: boolean;
  /** ON DELETE SET NULL or DEFAULT of some of its columns only. */
  readonly setsColumns: boolean;
  readonly definition: string | null;
  /** OID of its own index, or of the index a foreign key relies on; 0 for none. */
  readonly index: number;
  readonly indexName: string | null;
  readonly indexOptions: readonly string[] | null;
  readonly tablespace: string | null;
  readonly clustered: boolean | null;
  readonly replicaIdentity: boolean | null;
  readonly nullsNotDistinct: boolean | null;
  /** WITHOUT OVERLAPS, or PERIOD of a foreign key. */
  readonly period: boolean;
  readonly keyColumns: readonly string[];
  readonly includedColumns: readonly string[];
  /** Its index is part of a partitioned index: it vanishes with that one. */
  readonly attached: boolean;
}

/** The names every constraint's statements and comments need. */
export function constraintNames(row: ConstraintRow, kind: string) {
  const table = qualifiedName(row.schema, row.tableName);
  const constraint = quoteIdentifier(row.name);
  return {
    owner: relationId(row.relkind, row.table),
    table,
    constraint,
    identity: `${kind} ${displayName(row.name)} on ${displayQualified(row.schema, row.tableName)}`,
    commentOn: `CONSTRAINT ${constraint} ON ${table}`,
  };
}
