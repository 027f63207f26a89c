import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { quoteIdentifier, quoteLiteral } from '../../postgres/identifiers.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Maintenance, Statements } from '../ends/maintenance.ts';
import { commentSql, markerComment } from '../ends/marker.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { RunJournal } from '../contract/run.ts';
import { findDatabase } from '../ends/target-facts.ts';
import type { TargetFacts } from '../ends/target-facts.ts';

const subscriptionsSql = `SELECT s.subname AS name FROM pg_catalog.pg_subscription AS s
JOIN pg_catalog.pg_database AS d ON d.oid = s.subdbid WHERE d.datname = $1`;
const localeSql = sqlFile(import.meta.url, './database-locale.sql');

interface Locale {
  readonly collate: string;
  readonly ctype: string;
  readonly provider: 'libc' | 'icu' | 'builtin';
  readonly locale: string | null;
  readonly rules: string | null;
}

export interface CreateShadowInput {
  readonly live: TargetFacts;
  readonly name: string;
  readonly jobId: string;
  readonly now: number;
}

/**
 * Creates an empty database beside the live one, with its owner, encoding, locale and tablespace, marked as ours.
 * Errors: TARGET_PRIVILEGE, TARGET_DISK_FULL, TARGET_STATEMENT_FAILED.
 */
export async function createShadow(maintenance: Maintenance, input: CreateShadowInput): Promise<void> {
  const { live, name, jobId } = input;
  const [locale] = await maintenance.query<Locale>(localeSql, [live.name]);
  if (locale === undefined)
    throw new SyncError('TARGET_UNAVAILABLE', `The target database "${live.name}" does not exist.`);
  try {
    await maintenance.execute(
      `CREATE DATABASE ${quoteIdentifier(name)} ${[
        `OWNER ${quoteIdentifier(live.owner)}`,
        'TEMPLATE template0',
        `ENCODING ${quoteLiteral(live.encoding)}`,
        ...localeClauses(locale),
        // Naming even the default tablespace needs a privilege on it; the template has it already.
        ...(live.tablespace === 'pg_default' ? [] : [`TABLESPACE ${quoteIdentifier(live.tablespace)}`]),
      ].join(' ')}`,
    );
    const marker = markerComment({
      role: 'shadow',
      jobId,
      live: live.name,
      at: input.now,
      comment: live.comment,
      name,
    });
    await maintenance.execute(commentSql(name, marker));
    // Before 15 a new database lets everybody create in schema public; what a source grants is told against 15's.
    if (live.versionNum < 150_000) {
      await maintenance.within(name, (session) =>
        session.execute('REVOKE CREATE ON SCHEMA public FROM PUBLIC'),
      );
    }
  } catch (error) {
    throw databaseError(error, 'target', `Creating the database "${name}" beside "${live.name}"`);
  }
}

/** Removes a database that we made; sessions connected to it are ended. */
export async function dropOwnDatabase(maintenance: Statements, name: string): Promise<void> {
  try {
    // It may already have the template flag of the old database, and a template cannot be dropped.
    if ((await findDatabase(maintenance, name, {}))?.isTemplate === true)
      await maintenance.execute(`ALTER DATABASE ${quoteIdentifier(name)} IS_TEMPLATE false`);
    await dropSubscriptions(maintenance, name);
    await maintenance.execute(`DROP DATABASE IF EXISTS ${quoteIdentifier(name)} WITH (FORCE)`);
  } catch (error) {
    throw databaseError(error, 'target', `Removing the database "${name}" of an unfinished run`);
  }
}

/**
 * A database with subscriptions cannot be dropped. Subscriptions in our copies are disabled, and their slots belong
 * to the original, so they are dropped without contacting the publisher.
 */
async function dropSubscriptions(maintenance: Statements, name: string): Promise<void> {
  const subscriptions = await maintenance.query<{ name: string }>(subscriptionsSql, [name]);
  if (subscriptions.length === 0 || maintenance.within === undefined) return;
  await maintenance.execute(`ALTER DATABASE ${quoteIdentifier(name)} ALLOW_CONNECTIONS true`);
  await maintenance.within(name, async (session) => {
    for (const subscription of subscriptions) {
      const quoted = quoteIdentifier(subscription.name);
      await session.execute(
        `ALTER SUBSCRIPTION ${quoted} DISABLE; ALTER SUBSCRIPTION ${quoted} SET (slot_name = NONE); DROP SUBSCRIPTION ${quoted}`,
      );
    }
  });
}

/** How long a failed run waits for a server that went away, so that it can still clear up after itself. */
const returnMs = 5_000;

/**
 * Removes a database of ours after its run has failed, with a new connection where the old one is lost. If that
 * fails, the journal stays open, and the next run does it. Never throws, because people must hear of the first
 * failure.
 */
export async function discardDatabase(
  maintenance: Maintenance,
  journal: RunJournal,
  name: string,
  report: Reporter,
): Promise<void> {
  const drop = async (): Promise<void> => {
    // Only this run uses the name, so it may be dropped even if the lock is lost.
    await maintenance.reopen(returnMs, { lock: false });
    await dropOwnDatabase(maintenance, name);
  };
  const known = maintenance.broken;
  try {
    await drop().catch(async (error: unknown) => {
      // The loss of the connection may show only now.
      if (known || !maintenance.broken) throw error;
      await drop();
    });
  } catch (error) {
    journal.leaveOpen();
    report.log(
      'warn',
      'The leftovers of the failed run could not be removed; the next run on this target removes them.',
      {
        database: name,
        reason: asSyncError(error).message,
      },
    );
  }
}

/** Locale clauses as the servers since 13, 15 (icu), 16 (rules) and 17 (builtin) know them. */
function localeClauses(locale: Locale): readonly string[] {
  const common = [`LC_COLLATE ${quoteLiteral(locale.collate)}`, `LC_CTYPE ${quoteLiteral(locale.ctype)}`];
  if (locale.provider === 'libc' || locale.locale === null) return common;
  const named = locale.provider === 'icu' ? 'ICU_LOCALE' : 'BUILTIN_LOCALE';
  return [
    ...common,
    `LOCALE_PROVIDER ${locale.provider}`,
    `${named} ${quoteLiteral(locale.locale)}`,
    ...(locale.rules === null ? [] : [`ICU_RULES ${quoteLiteral(locale.rules)}`]),
  ];
}
