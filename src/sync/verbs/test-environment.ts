import { errorReport } from '../../errors/sync-error.ts';
import type { ErrorReport } from '../../errors/sync-error.ts';
import { refuseTransactionPooler } from '../../postgres/pooler.ts';
import { testCluster } from '../../search/test-cluster.ts';
import type { ClusterTest } from '../../search/test-cluster.ts';
import { connectAs, sourceEnd } from '../ends/connect.ts';
import { environmentNamed } from '../ends/environments.ts';
import { sharedSearches } from '../check/shared-search.ts';
import type { SharedSearch } from '../check/shared-search.ts';
import { targetFacts } from '../ends/target-facts.ts';
import type { VerbDeps } from '../contract/run.ts';

type Outcome<T> = ({ readonly ok: true } & T) | { readonly ok: false; readonly error: ErrorReport };

export interface EnvironmentTest {
  readonly environment: string;
  readonly ok: boolean;
  readonly database: Outcome<{
    readonly name: string;
    readonly serverVersionNum: number;
    readonly serverVersion: string;
    readonly bytes: number;
    readonly superuser: boolean;
    readonly createsDatabases: boolean;
    readonly owns: boolean;
    readonly durationMs: number;
  }>;
  /** Null where the environment has no Typesense. */
  readonly search: Outcome<ClusterTest & { readonly sharedWith: readonly SharedSearch[] }> | null;
}

/**
 * Connects to an environment's database and search and says what it found; failures of either are part of the answer.
 */
export async function testEnvironment(
  deps: VerbDeps,
  name: string,
  options: { readonly signal: AbortSignal },
): Promise<EnvironmentTest> {
  const environment = environmentNamed(deps.config, name);
  const startedAt = deps.now();
  const run = { ...deps, ...options, id: 'test', connect: connectAs('test') };
  const attempt = async <T extends object>(work: () => Promise<T>): Promise<Outcome<T>> => {
    try {
      return { ok: true, ...(await work()) };
    } catch (error) {
      options.signal.throwIfAborted();
      return { ok: false, error: errorReport(error) };
    }
  };
  const database = await attempt(async () => {
    await using pool = run.connect(sourceEnd(environment), { access: 'read', connections: 2 });
    await refuseTransactionPooler(pool, run);
    const facts = await pool.withSession(
      (session) => targetFacts(session, environment.database.parts.database, run),
      run.signal,
    );
    const { versionNum, version, bytes, superuser, createsDatabases, owns } = facts;
    return {
      name: facts.name,
      serverVersionNum: versionNum,
      serverVersion: version,
      bytes,
      superuser,
      createsDatabases,
      owns,
      durationMs: deps.now() - startedAt,
    };
  });
  const { search: cluster } = environment;
  const aliases = deps.config.collections.map((collection) => collection.name);
  const search =
    cluster === null
      ? null
      : await attempt(async () => ({
          ...(await testCluster(cluster, { ...options, aliases })),
          sharedWith: await sharedSearches(run, environment),
        }));
  return { environment: name, ok: database.ok && (search?.ok ?? true), database, search };
}
