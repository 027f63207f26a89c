import { sqlFile } from '../../lib/sql-file.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, oneLine } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import { quotePair } from '../name-pair.ts';
import type { NamePair } from '../name-pair.ts';
import { operandTypes, qualifiedOperator } from './operator-name.ts';

const sql = sqlFile(import.meta.url, './operators.sql');

interface OperatorRow {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly owner: string;
  /** Type of the operand; null where there is none. */
  readonly left: string | null;
  readonly right: string | null;
  readonly function: NamePair;
  readonly commutator: NamePair | null;
  readonly negator: NamePair | null;
  readonly commutatorIsShell: boolean | null;
  readonly negatorIsShell: boolean | null;
  /** OIDs. */
  readonly partnerSchemas: readonly number[];
  readonly restrict: NamePair | null;
  readonly join: NamePair | null;
  readonly hashes: boolean;
  readonly merges: boolean;
  readonly superuser: boolean;
}

export async function readOperators(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<OperatorRow>(sql);
  return rows.map((row) => {
    const types = operandTypes(row.left, row.right);
    const signature = `OPERATOR ${qualifiedOperator([row.schema, row.name])} ${types}`;
    const identity = `operator ${displayName(row.schema)}.${row.name} ${oneLine(types)}`;
    return draft({
      id: `operator:${row.oid}`,
      kind: 'operator',
      schema: row.schema,
      name: row.name,
      identity,
      section: 'pre-data',
      sql: definition(row),
      dropSql: [`DROP ${signature};`, ...shells(row)].join('\n'),
      // Noting a partner's name makes something in its schema.
      needs: row.partnerSchemas.map((schema) => `schema:${schema}`),
      claims: [claim(address('pg_operator', row.oid), identity, signature)],
      owner: { role: row.owner, alter: signature },
      superuser: row.superuser,
    });
  });
}

/** A commutator or negator need not exist yet: PostgreSQL reserves its name until it is made. */
function definition(row: OperatorRow): string {
  const lines = [
    `FUNCTION = ${quotePair(row.function)}`,
    row.left === null ? null : `LEFTARG = ${row.left}`,
    row.right === null ? null : `RIGHTARG = ${row.right}`,
    row.commutator === null ? null : `COMMUTATOR = OPERATOR(${qualifiedOperator(row.commutator)})`,
    row.negator === null ? null : `NEGATOR = OPERATOR(${qualifiedOperator(row.negator)})`,
    row.restrict === null ? null : `RESTRICT = ${quotePair(row.restrict)}`,
    row.join === null ? null : `JOIN = ${quotePair(row.join)}`,
    row.hashes ? 'HASHES' : null,
    row.merges ? 'MERGES' : null,
  ].filter((line) => line !== null);
  return `CREATE OPERATOR ${qualifiedOperator([row.schema, row.name])} (\n  ${lines.join(',\n  ')}\n);`;
}

/**
 * Partners that were named but never made stay when the operator is dropped; other operators may have named them
 * too.
 */
function shells(row: OperatorRow): string[] {
  const { left, right } = row;
  return [
    row.commutatorIsShell === true && row.commutator !== null
      ? `${qualifiedOperator(row.commutator)} ${operandTypes(right, left)}`
      : null,
    row.negatorIsShell === true && row.negator !== null
      ? `${qualifiedOperator(row.negator)} ${operandTypes(left, right)}`
      : null,
  ]
    .filter((shell) => shell !== null)
    .map((shell) => `DROP OPERATOR IF EXISTS ${shell};`);
}
