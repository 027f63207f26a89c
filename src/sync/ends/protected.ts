import type { Config } from '../../config/config.ts';
import type { Environment, Protection } from '../../environments/environment.ts';
import { asSyncError, SyncError } from '../../errors/sync-error.ts';
import type { Asker } from '../contract/run.ts';
import { findDatabase } from './target-facts.ts';
import type { TargetFacts } from './target-facts.ts';

export type Identity = Pick<TargetFacts, 'oid' | 'systemIdentifier' | 'serverStartedAt' | 'inRecovery'>;

/**
 * Whether two names lead to one database, whatever their addresses say. The moment the server began tells, and of a
 * standby the identifier that it has from its primary. That alone does not: a server restored from another one's
 * snapshot, or branched from it, has it too, and is another server as soon as both take writes.
 */
export function isSameDatabase(a: Identity, b: Identity): boolean {
  const standby = a.inRecovery || b.inRecovery;
  const sameServer =
    a.serverStartedAt === b.serverStartedAt ||
    (standby && a.systemIdentifier !== null && a.systemIdentifier === b.systemIdentifier);
  return sameServer && a.oid === b.oid;
}

export interface OtherNames {
  /** Environments with that protection that are this very database under another name. */
  readonly same: readonly string[];
  /** A sentence for each that could not be asked. */
  readonly notAsked: readonly string[];
}

/**
 * Finds the environments of a protection that are the database which `facts` describe. Opens one short connection to
 * each, in parallel; only reads. An environment that cannot be reached is reported, and does not stop a run that
 * reaches its own target.
 */
export async function otherNamesOf(
  run: Asker,
  environments: Config['environments'],
  target: Environment,
  facts: Identity,
  protection: Protection,
): Promise<OtherNames> {
  const asked = [...environments.values()].filter(
    (one) => one.protection === protection && one.name !== target.name,
  );
  const found = await Promise.all(
    asked.map(async ({ name, database }) => {
      try {
        const identity = await identityOf(run, database);
        return { name, same: identity !== null && isSameDatabase(identity, facts), reason: null };
      } catch (error) {
        return { name, same: false, reason: asSyncError(error).message };
      }
    }),
  );
  run.signal.throwIfAborted();
  return {
    same: found.filter(({ same }) => same).map(({ name }) => name),
    notAsked: found.flatMap(({ name, reason }) =>
      reason === null
        ? []
        : [
            `It could not be found out whether "${target.name}" is the database of ` +
              `"${name}" (${protection}): ${reason}`,
          ],
    ),
  };
}

/**
 * CONFLICT_TARGET_PROTECTED when the target is the database of a `source-only` environment. Returns a sentence for
 * each environment that could not be asked.
 */
export async function refuseSourceOnly(
  run: Asker,
  environments: Config['environments'],
  target: Environment,
  facts: Identity,
): Promise<readonly string[]> {
  const { same, notAsked } = await otherNamesOf(run, environments, target, facts, 'source-only');
  if (same.length === 0) return notAsked;
  throw new SyncError(
    'CONFLICT_TARGET_PROTECTED',
    `"${target.name}" is the database of "${same.join('", "')}", which may not be a target under any name.`,
    { details: { environments: same } },
  );
}

/** Whether two addresses lead to one database. Errors: those of connecting to either. */
export async function areOneDatabase(
  run: Asker,
  a: Environment['database'],
  b: Environment['database'],
): Promise<boolean> {
  const [one, other] = await Promise.all([identityOf(run, a), identityOf(run, b)]);
  return one !== null && other !== null && isSameDatabase(one, other);
}

async function identityOf(
  { connect, signal }: Asker,
  url: Environment['database'],
): Promise<Identity | null> {
  await using database = connect({ side: 'target', url }, { access: 'read', connections: 1 });
  return await database.withSession(async (session) => {
    const [row] = await session.query<{ name: string }>(
      'SELECT pg_catalog.current_database()::text AS name',
      [],
      { signal },
    );
    return findDatabase(session, row?.name ?? '', { signal });
  }, signal);
}
