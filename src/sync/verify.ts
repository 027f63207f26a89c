import type { Difference } from '../catalog/difference.ts';
import { compareModels } from '../catalog/compare.ts';
import { toleranceBetween } from '../catalog/comparison/definitions.ts';
import type { CatalogModel, CatalogTable } from '../catalog/model.ts';
import { Releasers } from '../lib/releasers.ts';
import { runWorkers } from '../lib/run-workers.ts';
import { digestGroup, digestHex, digestsEqual, sumDigests, tableDigest } from '../postgres/digest.ts';
import type { TableDigest } from '../postgres/digest.ts';
import type { Session } from '../postgres/session.ts';
import { joinSnapshot } from '../postgres/snapshot.ts';
import { databaseError } from '../postgres/sqlstate.ts';
import { schemaDifferences } from '../catalog/schemas/schema-settings.ts';
import { onOtherEnd, rulesOf, schemaNames } from '../plan/schema-names.ts';
import type { SchemaNames } from '../plan/schema-names.ts';
import { agreed, leftOutSentence, namesInRows, nameType } from './agreed.ts';
import { differingKeys } from './differing-keys.ts';
import { environmentNamed } from './environments.ts';
import type { JobContext } from './job-context.ts';
import { digestLargeObjects, largeObjectDifferences } from './large-objects/digest.ts';
import type { DigestedLargeObjects } from './large-objects/digest.ts';
import { spreadOver } from './large-objects/spread.ts';
import { openSource } from './source/open-source.ts';
import type { OpenSource } from './source/open-source.ts';
import { snapshotSessions } from './source/snapshot-sessions.ts';
import type { VerifyInput, VerifyReceipt } from './verbs.ts';
import { verifyScope } from './verify-scope.ts';

type TableResult = VerifyReceipt['tables'][number];

interface Compared {
  readonly result: TableResult;
  readonly left: TableDigest | null;
  readonly right: TableDigest | null;
  /** Null where the table is compared by itself. */
  readonly group: string | null;
}

interface Pair {
  readonly name: string;
  readonly left: CatalogTable | null;
  readonly right: CatalogTable | null;
}

/**
 * Compares two environments, each in one snapshot: every object's definition, every table by digest, every sequence's
 * state, extension versions. Only reads. Differences are the result, not an error; the command line makes exit 20 of them.
 */
export async function verifyEnvironments(context: JobContext, input: VerifyInput): Promise<VerifyReceipt> {
  const startedAt = context.now();
  const { config, report } = context;
  report.plan([
    { id: 'check', bytes: 0 },
    { id: 'verify', bytes: 1 },
  ]);
  report.step('check', `Opening "${input.left}" and "${input.right}"`);
  const releasers = new Releasers();
  try {
    const [here, there] = [input.left, input.right].map((name) => environmentNamed(config, name).schema);
    const names = schemaNames(here ?? '', there ?? '');
    const renamed = names === null ? null : { left: names.source, right: names.target };
    const rules = {
      left: rulesOf(config.tablePolicies, names, 'source'),
      right: rulesOf(config.tablePolicies, names, 'target'),
    };
    const open = async (name: string, policies: typeof rules.left): Promise<OpenSource> => {
      const source = await openSource(
        {
          environment: environmentNamed(config, name),
          jobId: context.jobId,
          policies,
          secrets: false,
          tablespaces: config.sync.tablespaces,
          workers: config.sync.workers,
        },
        context,
      );
      releasers.defer(() => source[Symbol.asyncDispose]());
      return source;
    };
    const left = await open(input.left, rules.left);
    const right = await open(input.right, rules.right);
    const scopes = {
      left: verifyScope(left.model, rules.left),
      right: verifyScope(right.model, rules.right),
    };
    const pairs = pairUp(scopes.left.model, scopes.right.model, names);
    const both = {
      left: agreed(scopes.left.model, config.sync),
      right: agreed(scopes.right.model, config.sync),
    };
    report.step('verify', 'Comparing every table');
    report.estimate(
      'verify',
      pairs.reduce((sum, pair) => sum + sizeOf(pair), 0),
      null,
      pairs.length,
    );
    const tables = await compareTables({ left, right, names }, pairs, context);
    const differences: readonly Difference[] = [
      ...compareModels(both.left.model, both.right.model, {
        owners: true,
        privileges: true,
        databaseSettings: config.sync.databaseSettings === 'source',
        renamed,
      }),
      ...(renamed === null
        ? []
        : await schemaDifferences(left.leader, right.leader, renamed, { signal: context.signal })),
      ...tables
        .filter(({ equal }) => !equal)
        .map(({ table, leftRows, rightRows }) => ({
          kind: 'table' as const,
          name: table,
          difference: rowsDifference(leftRows, rightRows),
        })),
      ...(scopes.left.largeObjects ? await compareLargeObjects(left, right, context) : []),
    ];
    return {
      type: 'verify',
      equal: differences.length === 0,
      left: input.left,
      right: input.right,
      tables,
      differences,
      notCompared: [
        ...notCompared(left.model, right.model),
        ...leftOutSentence([...both.left.leftOut, ...both.right.leftOut]),
        ...namesInRows(pairs, names),
        ...new Set([...scopes.left.notCompared, ...scopes.right.notCompared]),
      ],
      seconds: (context.now() - startedAt) / 1000,
    };
  } finally {
    await releasers.release();
  }
}

function rowsDifference(left: number | null, right: number | null): string {
  if (left === null || right === null) return `exists on the ${left === null ? 'right' : 'left'} only`;
  return left === right
    ? `${left} rows on both sides, with different content`
    : `${left} rows on the left, ${right} on the right`;
}

async function compareLargeObjects(
  left: OpenSource,
  right: OpenSource,
  context: JobContext,
): Promise<readonly Difference[]> {
  const { signal, report } = context;
  const [leftTotals, rightTotals] = [left.model.largeObjects, right.model.largeObjects];
  if (leftTotals.count + rightTotals.count === 0) return [];
  const name = 'large objects';
  report.itemStarted(name, { bytes: Math.max(leftTotals.bytes, rightTotals.bytes) });
  const releasers = new Releasers();
  try {
    const digestOf = async (source: OpenSource): Promise<DigestedLargeObjects> => {
      const sessions = await snapshotSessions(source, context.config.sync.workers, releasers, { signal });
      return digestLargeObjects(spreadOver(sessions, signal), { signal });
    };
    const [one, other] = await Promise.all([digestOf(left), digestOf(right)]);
    report.itemDone(name);
    const different = largeObjectDifferences(one, other, { owners: true, privileges: true });
    if (different.length === 0) return [];
    return [{ kind: 'object', name, difference: different.join(', ') }];
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'source', 'Comparing large objects');
  } finally {
    await releasers.release();
  }
}

function sizeOf({ left, right }: Pair): number {
  return Math.max(left?.bytes ?? 0, right?.bytes ?? 0);
}

interface Ends {
  readonly left: OpenSource;
  readonly right: OpenSource;
  /** Where the application's schema has another name on the right (`target`). */
  readonly names: SchemaNames | null;
}

function pairUp(left: CatalogModel, right: CatalogModel, names: SchemaNames | null): readonly Pair[] {
  const nameOf = ({ schema, name }: CatalogTable): string => `${schema}.${name}`;
  const rights = new Map(right.tables.map((table) => [nameOf(onOtherEnd(names, table)), table]));
  const lefts = new Map(left.tables.map((table) => [nameOf(table), table]));
  return [...new Set([...lefts.keys(), ...rights.keys()])]
    .sort()
    .map((name) => ({ name, left: lefts.get(name) ?? null, right: rights.get(name) ?? null }));
}

async function compareTables(
  { left, right, names }: Ends,
  pairs: readonly Pair[],
  context: JobContext,
): Promise<readonly TableResult[]> {
  const results = new Map<string, Compared>();
  const bySize = [...pairs].sort((a, b) => sizeOf(b) - sizeOf(a));
  await runWorkers(
    bySize,
    context.config.sync.workers,
    async (next, signal) => {
      const sessions = new Releasers();
      try {
        const join = async (source: OpenSource): Promise<Session> => {
          const session = await source.database.connect({ signal });
          sessions.defer(async () => {
            if (!session.broken) await session.execute('ROLLBACK').catch(() => session.cut());
            await session.release();
          });
          await joinSnapshot(session, source.snapshot, { signal });
          return session;
        };
        let both: readonly [Session, Session] | null = null;
        for (let pair = next(); pair !== undefined && !signal.aborted; pair = next()) {
          both ??= [await join(left), await join(right)];
          results.set(pair.name, await compareTable(both, pair, names, { ...context, signal }));
        }
      } finally {
        await sessions.release();
      }
    },
    context.signal,
  );
  context.signal.throwIfAborted();
  return judge(pairs.flatMap(({ name }) => results.get(name) ?? []));
}

/** One by one, or, for partitions over which servers may spread rows differently, by the sum of their tree. */
function judge(compared: readonly Compared[]): readonly TableResult[] {
  return compared.map(({ result, group }) => {
    if (group === null || result.equal) return result;
    const members = compared.filter((other) => other.group === group);
    const [left, right] = (['left', 'right'] as const).map((side) =>
      sumDigests(members.flatMap((member) => member[side] ?? [])),
    );
    const equal = left !== undefined && right !== undefined && digestsEqual(left, right);
    return { ...result, equal, differingKeys: equal ? [] : result.differingKeys };
  });
}

async function compareTable(
  [leftSession, rightSession]: readonly [Session, Session],
  pair: Pair,
  names: SchemaNames | null,
  context: JobContext,
): Promise<Compared> {
  const { report, signal } = context;
  report.itemStarted(pair.name, { bytes: sizeOf(pair) });
  try {
    // Columns in one order on both sides: that of the left table. A column that only one side has differs as an object.
    const columns =
      (pair.left ?? pair.right)?.columns.filter(
        ({ name, type }) =>
          has(pair.left, name) && has(pair.right, name) && (names === null || !nameType.test(type)),
      ) ?? [];
    const digestOf = async (session: Session, table: CatalogTable | null): Promise<TableDigest | null> =>
      table === null
        ? null
        : tableDigest(
            session,
            { ...table, columns: columns.length === 0 ? table.columns : columns },
            { signal },
          );
    const [left, right] = await Promise.all([
      digestOf(leftSession, pair.left),
      digestOf(rightSession, pair.right),
    ]);
    const equal = left !== null && right !== null && digestsEqual(left, right);
    const keys =
      equal || pair.left === null || pair.right === null
        ? []
        : await differingKeys(leftSession, rightSession, { ...pair.left, columns }, pair.right, { signal });
    report.itemAdvanced(pair.name, left?.rows ?? right?.rows ?? 0, sizeOf(pair));
    report.itemDone(pair.name);
    const result = {
      table: pair.name,
      equal,
      leftRows: left?.rows ?? null,
      rightRows: right?.rows ?? null,
      leftDigest: left === null ? null : digestHex(left),
      rightDigest: right === null ? null : digestHex(right),
      differingKeys: keys,
    };
    const isPart = (pair.left?.loadThrough ?? null) !== null && (pair.right?.loadThrough ?? null) !== null;
    return { result, left, right, group: isPart && pair.left !== null ? digestGroup(pair.left) : null };
  } catch (error) {
    signal.throwIfAborted();
    throw databaseError(error, 'source', `Comparing table ${pair.name}`);
  }
}

function has(table: CatalogTable | null, column: string): boolean {
  return table === null || table.columns.some(({ name }) => name === column);
}

function notCompared(left: CatalogModel, right: CatalogModel): readonly string[] {
  const views = [...left.objects, ...right.objects].filter(({ kind }) => kind === 'materialized view');
  return [
    'settings, privileges, encoding and locale of the databases themselves',
    ...(views.length === 0
      ? []
      : ['rows of materialized views, which show what was there at their last refresh']),
    ...(toleranceBetween(left.server.versionNum, right.server.versionNum).since16
      ? []
      : ['the wording of views, rules and policies, which servers before 16 write differently']),
  ];
}
