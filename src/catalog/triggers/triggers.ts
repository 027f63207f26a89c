import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName, displayQualified } from '../display-name.ts';
import { address, claim, draft, relationId } from '../draft.ts';
import type { Address, Claim, Draft } from '../draft.ts';
import { groupBy } from '../group-by.ts';
import type { UnsupportedObject } from '../model.ts';
import { triggerStates } from './trigger-states.ts';
import type { TriggerState } from './trigger-states.ts';
import { unsupported } from '../unsupported/unsupported.ts';

const sql = sqlFile(import.meta.url, './triggers.sql');

interface TriggerRow {
  readonly oid: number;
  readonly name: string;
  readonly table: number;
  readonly relkind: string;
  readonly schema: string;
  readonly tableName: string;
  /** OID of the trigger it was cloned from; 0 for none. */
  readonly parent: number;
  /** A trigger of a constraint, which the constraint brings along. */
  readonly internal: boolean;
  /** `O` origin (normal), `D` disabled, `R` replica, `A` always. */
  readonly state: TriggerState;
  readonly constraint: number | null;
  readonly constraintName: string | null;
  /** The constraint whose own trigger it is. */
  readonly of: string | null;
  readonly definition: string | null;
}

export interface Triggers {
  readonly drafts: readonly Draft[];
  /** Clones, and the constraint rows of constraint triggers → the trigger they come with. */
  readonly implied: ReadonlyMap<Address, Address>;
  readonly unsupported: readonly UnsupportedObject[];
}

export async function readTriggers(catalog: CatalogSession): Promise<Triggers> {
  const rows = await catalog.rows<TriggerRow>(sql);
  const clones = groupBy(
    rows.filter(({ parent, internal }) => parent !== 0 && !internal),
    ({ parent }) => parent,
  );
  const implied = new Map<Address, Address>();
  const obstacles: UnsupportedObject[] = [];
  const drafts: Draft[] = [];
  for (const row of rows) {
    if (row.constraint !== null) {
      implied.set(address('pg_constraint', row.constraint), address('pg_trigger', row.oid));
    }
    if (row.internal) {
      // ALTER TABLE … DISABLE TRIGGER ALL: a foreign key that is not enforced, and that pg_dump would enforce.
      obstacles.push(
        unsupported(`disabled state of constraint ${displayName(row.of ?? row.name)} on ${relation(row)}`, {
          obstacle: 'whose triggers are disabled (ALTER TABLE … ENABLE TRIGGER ALL enables them)',
          table: relationId(row.relkind, row.table),
        }),
      );
    } else if (row.parent !== 0) {
      implied.set(address('pg_trigger', row.oid), address('pg_trigger', row.parent));
    } else {
      const own = descendants(row, clones);
      drafts.push(triggerDraft(row, own));
      for (const clone of own.filter(({ name }) => name !== row.name)) {
        obstacles.push(
          unsupported(`name of trigger ${displayName(clone.name)} on ${relation(clone)}`, {
            obstacle: 'which was renamed apart from that of the partitioned table',
            table: relationId(clone.relkind, clone.table),
          }),
        );
      }
    }
  }
  return { drafts, implied, unsupported: obstacles };
}

/** In an order that does not depend on OIDs. */
function descendants(row: TriggerRow, clones: ReadonlyMap<number, readonly TriggerRow[]>): TriggerRow[] {
  return (clones.get(row.oid) ?? [])
    .flatMap((clone) => [clone, ...descendants(clone, clones)])
    .sort((a, b) => (relation(a) < relation(b) ? -1 : 1));
}

function relation({ schema, tableName }: TriggerRow): string {
  return displayQualified(schema, tableName);
}

function triggerDraft(row: TriggerRow, clones: readonly TriggerRow[]): Draft {
  const table = qualifiedName(row.schema, row.tableName);
  const trigger = quoteIdentifier(row.name);
  const identity = `trigger ${displayName(row.name)} on ${relation(row)}`;
  const owner = relationId(row.relkind, row.table);
  const statements = [`${row.definition ?? ''};`];
  if (row.state !== 'O') statements.push(stateStatement(row));
  // Whether the statement above reaches partitions depends on the target's version, so each partition gets its own.
  for (const clone of clones) {
    if (clone.state !== 'O' || row.state !== 'O') statements.push(stateStatement(clone));
  }
  const tables = new Set([owner, ...clones.map((clone) => relationId(clone.relkind, clone.table))]);
  return draft({
    id: `trigger:${row.oid}`,
    kind: 'trigger',
    schema: row.schema,
    name: row.name,
    identity,
    section: 'post-data',
    sql: statements.join('\n'),
    dropSql: `DROP TRIGGER ${trigger} ON ${table};`,
    partOf: owner,
    needs: [...tables],
    claims: [row, ...clones].flatMap((one) => claimsOf(one)),
    locks: [...tables].map((id) => ({ table: id, mode: 'exclusive' as const })),
  });
}

/** The trigger, and its constraint unless the trigger was renamed without it. */
function claimsOf(row: TriggerRow): Claim[] {
  const { name, constraint, constraintName } = row;
  const on = `${quoteIdentifier(name)} ON ${qualifiedName(row.schema, row.tableName)}`;
  const display = `${displayName(name)} on ${relation(row)}`;
  const trigger = claim(address('pg_trigger', row.oid), `trigger ${display}`, `TRIGGER ${on}`);
  if (constraint === null || constraintName !== name) return [trigger];
  return [
    trigger,
    claim(address('pg_constraint', constraint), `constraint trigger ${display}`, `CONSTRAINT ${on}`),
  ];
}

function stateStatement(row: TriggerRow): string {
  const table = qualifiedName(row.schema, row.tableName);
  return `ALTER TABLE ONLY ${table} ${triggerStates[row.state]} TRIGGER ${quoteIdentifier(row.name)};`;
}
