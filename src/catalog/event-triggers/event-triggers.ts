import { sqlFile } from '../../lib/sql-file.ts';
import { qualifiedName, quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';

const sql = sqlFile(import.meta.url, './event-triggers.sql');

interface EventTriggerRow {
  readonly oid: number;
  readonly name: string;
  /** `ddl_command_start`, `ddl_command_end`, `sql_drop`, `table_rewrite`, from 17 on `login`. */
  readonly event: string;
  readonly owner: string;
  /** `O` origin (normal), `D` disabled, `R` replica, `A` always. */
  readonly state: string;
  readonly tags: readonly string[] | null;
  readonly functionSchema: string;
  readonly function: string;
}

const states: Readonly<Record<string, string>> = {
  D: 'DISABLE',
  R: 'ENABLE REPLICA',
  A: 'ENABLE ALWAYS',
};

/**
 * They fire for everything made after them, so their kind is the last one (model.ts), they are made in a pass of
 * their own (sync/load/run-objects.ts), and a drop removes them first.
 */
export async function readEventTriggers(catalog: CatalogSession): Promise<readonly Draft[]> {
  const rows = await catalog.rows<EventTriggerRow>(sql);
  return rows.map((row) => eventTriggerDraft(row));
}

function eventTriggerDraft(row: EventTriggerRow): Draft {
  const trigger = `EVENT TRIGGER ${quoteIdentifier(row.name)}`;
  const identity = `event trigger ${displayName(row.name)}`;
  const when = row.tags === null ? '' : `\n  WHEN TAG IN (${row.tags.map(quoteLiteral).join(', ')})`;
  const state = states[row.state];
  return draft({
    id: `event trigger:${row.oid}`,
    kind: 'event trigger',
    name: row.name,
    identity,
    section: 'post-data',
    sql: [
      `CREATE ${trigger} ON ${quoteIdentifier(row.event)}${when}`,
      `  EXECUTE FUNCTION ${qualifiedName(row.functionSchema, row.function)}();`,
      ...(state === undefined ? [] : [`ALTER ${trigger} ${state};`]),
    ].join('\n'),
    dropSql: `DROP ${trigger};`,
    claims: [claim(address('pg_event_trigger', row.oid), identity, trigger)],
    owner: { role: row.owner, alter: trigger },
    minServerMajor: row.event === 'login' ? 17 : 0,
    superuser: true,
  });
}
