import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import type { CatalogSession } from '../catalog-session.ts';
import { displayName } from '../display-name.ts';
import { address, claim, draft } from '../draft.ts';
import type { Draft } from '../draft.ts';
import type { UnsupportedObject, Withheld } from '../model.ts';
import { unsupported } from '../unsupported/unsupported.ts';

const namesSql = sqlFile(import.meta.url, './subscriptions.sql');
const definitionsSql = sqlFile(import.meta.url, './subscription-definitions.sql');

interface SubscriptionRow {
  readonly oid: number;
  readonly name: string;
  readonly owner: string;
  readonly connection: string;
  /** Null: none. */
  readonly slot: string | null;
  readonly synchronousCommit: string;
  readonly publications: readonly string[];
  readonly binary: boolean;
  /** Null: the server does not know of it. */
  readonly streaming: 'on' | 'parallel' | 'off' | null;
  readonly twoPhase: boolean;
  readonly disableOnError: boolean;
  readonly passwordRequired: boolean;
  /** Null: the server does not know of it. */
  readonly runAsOwner: boolean | null;
  readonly origin: string;
  readonly failover: boolean;
}

export interface Subscriptions {
  readonly drafts: readonly Draft[];
  /** Subscriptions that were not asked for: they are useless without the secret in their connection string. */
  readonly withheld: readonly Withheld[];
  /** Those that were asked for and that this role may not read. */
  readonly unsupported: readonly UnsupportedObject[];
}

/**
 * Subscriptions, made without connecting to the publisher: disabled, with the name of their slot kept, as pg_dump makes
 * them. A copy that somebody enables takes over the slot of the original.
 */
export async function readSubscriptions(
  catalog: CatalogSession,
  { secrets }: { readonly secrets: boolean },
): Promise<Subscriptions> {
  const rows = await catalog.rows<{ name: string; readable: boolean }>(namesSql);
  if (!secrets)
    return {
      drafts: [],
      withheld: rows.map(({ name }) => ({ kind: 'subscription', identity: identityOf(name) })),
      unsupported: [],
    };
  const hidden = rows.filter(({ readable }) => !readable);
  return {
    drafts:
      rows.length === 0 || hidden.length > 0
        ? []
        : (await catalog.rows<SubscriptionRow>(definitionsSql)).map((row) => subscriptionDraft(row)),
    withheld: [],
    unsupported: hidden.map(({ name }) =>
      unsupported(identityOf(name), { obstacle: 'whose connection string this role may not read' }),
    ),
  };
}

function identityOf(name: string): string {
  return `subscription ${displayName(name)}`;
}

function subscriptionDraft(row: SubscriptionRow): Draft {
  const subscription = `SUBSCRIPTION ${quoteIdentifier(row.name)}`;
  const identity = identityOf(row.name);
  const { major, options } = optionsOf(row);
  return draft({
    id: `subscription:${row.oid}`,
    kind: 'subscription',
    name: row.name,
    identity,
    section: 'post-data',
    sql: [
      `CREATE ${subscription} CONNECTION ${quoteLiteral(row.connection)}`,
      `  PUBLICATION ${row.publications.map(quoteIdentifier).join(', ')}`,
      `  WITH (${options.join(', ')});`,
      ...laterDefaults(subscription, row),
    ].join('\n'),
    // The slot belongs to the publisher; we must not drop it there.
    dropSql: [
      `ALTER ${subscription} DISABLE;`,
      `ALTER ${subscription} SET (slot_name = NONE);`,
      `DROP ${subscription};`,
    ].join('\n'),
    claims: [claim(address('pg_subscription', row.oid), identity, subscription)],
    owner: { role: row.owner, alter: subscription },
    minServerMajor: major,
    superuser: true,
  });
}

/**
 * Servers before 14 do not stream, and those before 16 write as the subscription's owner; they have no option for
 * either. A later server has other defaults, so the options are written for it.
 */
function laterDefaults(subscription: string, row: SubscriptionRow): readonly string[] {
  const told = (since: number, option: string): string =>
    `IF pg_catalog.current_setting('server_version_num')::int >= ${since}0000 THEN ` +
    `EXECUTE ${quoteLiteral(`ALTER ${subscription} SET (${option})`)}; END IF;`;
  const statements = [
    ...(row.streaming === null ? [told(14, 'streaming = off')] : []),
    ...(row.runAsOwner === null ? [told(16, 'run_as_owner = true')] : []),
  ];
  return statements.length === 0 ? [] : [`DO ${quoteLiteral(['BEGIN', ...statements, 'END'].join('\n'))};`];
}

/** Options that differ from their defaults, and the oldest major version that knows all of them. */
function optionsOf(row: SubscriptionRow): { readonly major: number; readonly options: readonly string[] } {
  const named = [
    { major: 0, text: 'connect = false', wanted: true },
    { major: 0, text: `slot_name = ${row.slot === null ? 'NONE' : quoteLiteral(row.slot)}`, wanted: true },
    { major: 14, text: 'binary = true', wanted: row.binary },
    // Its default has changed: `off` is named too.
    {
      major: row.streaming === 'parallel' ? 16 : 14,
      text: `streaming = ${row.streaming ?? ''}`,
      wanted: row.streaming !== null,
    },
    { major: 15, text: 'two_phase = on', wanted: row.twoPhase },
    { major: 15, text: 'disable_on_error = true', wanted: row.disableOnError },
    { major: 16, text: 'password_required = false', wanted: !row.passwordRequired },
    { major: 16, text: 'run_as_owner = true', wanted: row.runAsOwner === true },
    { major: 17, text: 'failover = true', wanted: row.failover },
    {
      major: 0,
      text: `synchronous_commit = ${quoteLiteral(row.synchronousCommit)}`,
      wanted: row.synchronousCommit !== 'off',
    },
    { major: 16, text: `origin = ${quoteLiteral(row.origin)}`, wanted: row.origin.toLowerCase() !== 'any' },
  ].filter(({ wanted }) => wanted);
  return { major: Math.max(...named.map(({ major }) => major)), options: named.map(({ text }) => text) };
}
