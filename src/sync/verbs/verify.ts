import { compareModels } from '../../catalog/compare.ts';
import { toleranceBetween } from '../../catalog/comparison/definitions.ts';
import type { Difference } from '../../catalog/difference.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { schemaDifferences } from '../../catalog/schemas/schema-settings.ts';
import type { Environment } from '../../environments/environment.ts';
import { isMasking } from '../../environments/masking.ts';
import type { Masking } from '../../environments/masking.ts';
import { maskingSentence } from '../../masks/told.ts';
import { withReleasers } from '../../lib/releasers.ts';
import type { Releasers } from '../../lib/releasers.ts';
import { otherName, rulesOf, schemaNames } from '../../plan/schema-names.ts';
import type { SchemaNames } from '../../plan/schema-names.ts';
import { agreed, leftOutSentence, namesInRows } from '../prove/without-exceptions.ts';
import { environmentNamed } from '../ends/environments.ts';
import { maskingFor } from '../masking/masking-for.ts';
import { restrictEnds } from '../ends/restriction.ts';
import { stepsOf } from '../contract/requests.ts';
import type { Run } from '../contract/run.ts';
import { withoutWhatIsMissing } from '../prove/without-missing.ts';
import { forMissingRoles, missingEntry } from '../../plan/missing.ts';
import { missingSchemas, refuseMissingSchemas } from '../source/missing-schemas.ts';
import { openSource } from '../source/open-source.ts';
import type { OpenSource } from '../source/open-source.ts';
import { untriedWarnings } from '../ends/tried-servers.ts';
import type { VerifyInput } from '../contract/inputs.ts';
import type { VerifyReceipt } from '../contract/receipts.ts';
import { checkTwoServers } from '../check/refuse-same-database.ts';
import { compareLargeObjects } from '../prove/compare-large-objects.ts';
import { compareTables } from '../prove/compare-tables.ts';
import { pairTables, sizeOf } from '../prove/pair-tables.ts';
import { verifySearch } from './verify-search.ts';
import { verifyScope } from '../prove/scope.ts';

/**
 * Compares two environments, each in one snapshot: every object's definition, every table by digest, every sequence's
 * state, extension versions. Only reads. Differences are the result, not an error; the command line makes exit 20 of
 * them.
 *
 * Of the proofs (`prove/proofs.ts`): rows by `compareTables`, large objects by `compareLargeObjects`, definitions and
 * the values of sequences by `compareModels`. Nothing is carried, as neither side was made from the other.
 */
export async function verifyEnvironments(run: Run, input: VerifyInput): Promise<VerifyReceipt> {
  if (input.search === true) return verifySearch(run, input);
  const startedAt = run.now();
  const { config, report } = run;
  report.plan(stepsOf('verify'));
  report.step('check', `Opening "${input.left}" and "${input.right}"`);
  return withReleasers(async (releasers) => {
    const ends = await openEnds(run, releasers, input);
    const { left, right, names, renamed, scopes } = ends;
    for (const sentence of [...left.notes, ...right.notes]) report.log('warn', sentence);
    const within = { ...run, signal: AbortSignal.any([left.signal, right.signal]) };
    const exceptions = {
      leaveOut: [...config.sync.leaveOut, ...(input.leaveOut ?? [])],
      roles: { ...config.sync.roles, ...input.roles },
    };
    const { model } = scopes.left;
    const had = exceptions.leaveOut.includes(missingEntry)
      ? await withoutWhatIsMissing(model, { right, names, roles: exceptions.roles }, within)
      : { objects: model.objects, out: [], narrowed: [] };
    const both = {
      left: agreed(
        { ...model, objects: had.objects },
        { ...exceptions, leaveOut: [...exceptions.leaveOut, ...had.out] },
      ),
      right: agreed(scopes.right.model, exceptions),
    };
    const pairs = pairTables(both.left.model, both.right.model, names);
    report.step('verify', 'Comparing every table');
    const bytes = pairs.reduce((sum, pair) => sum + sizeOf(pair), 0);
    report.estimate('verify', bytes, null, pairs.length);
    const tables = await compareTables({ left, right, names }, pairs, within);
    const differences: readonly Difference[] = [
      ...compareModels(both.left.model, both.right.model, {
        owners: true,
        privileges: true,
        databaseSettings: config.sync.databaseSettings === 'source',
        renamed,
      }),
      // Of a run about some schemas, what is said of a schema itself takes no part.
      ...(renamed === null || left.model.restriction !== null
        ? []
        : await schemaDifferences(left.leader, right.leader, renamed, within)),
      ...tables.flatMap(rowsDifferences),
      ...(scopes.left.largeObjects ? await compareLargeObjects(left, right, within) : []),
    ];
    await left.prove();
    await right.prove();
    return {
      type: 'verify',
      equal: differences.length === 0,
      left: input.left,
      right: input.right,
      tables,
      differences,
      notCompared: [
        ...maskingNotes(ends, input),
        ...notCompared(ends, input),
        ...([input.left, input.right].some((name) => environmentNamed(config, name).search !== null)
          ? ['the search (verify one environment with --search)']
          : []),
        ...leftOutSentence([
          ...both.left.leftOut,
          ...had.narrowed.map(forMissingRoles),
          ...both.right.leftOut,
        ]),
        ...namesInRows(pairs, names),
        ...(names === null ? [] : ['members of extensions, where a schema has another name']),
        ...ends.notes,
        ...new Set([...scopes.left.notCompared, ...scopes.right.notCompared]),
      ],
      seconds: (run.now() - startedAt) / 1000,
    };
  });
}

interface Ends {
  readonly left: OpenSource;
  readonly right: OpenSource;
  /** Where the application's schema has another name on the right (`target`). */
  readonly names: SchemaNames | null;
  readonly renamed: { readonly left: string; readonly right: string } | null;
  /** What of each is compared. */
  readonly scopes: Readonly<Record<'left' | 'right', ReturnType<typeof verifyScope>>>;
  /** A sentence where other people's schemas take no part. */
  readonly notes: readonly string[];
}

/** Opens both, one after the other. CONFLICT_SAME_DATABASE, those of `openSource`. */
async function openEnds(run: Run, releasers: Releasers, input: VerifyInput): Promise<Ends> {
  const { config } = run;
  const limited = await restrictEnds(run, {
    source: environmentNamed(config, input.left),
    target: environmentNamed(config, input.right),
    asked: input.schemas,
    side: 'source',
  });
  const environments = { left: limited.source, right: limited.target };
  const names = schemaNames(environments.left.schema, environments.right.schema);
  const rules = {
    left: rulesOf(config.tablePolicies, names, 'source'),
    right: rulesOf(config.tablePolicies, names, 'target'),
  };
  const masking = maskingOf(environments, input.unmasked === true);
  const open = async (side: 'left' | 'right'): Promise<OpenSource> => {
    const source = await openSource(run, {
      environment: environments[side],
      policies: rules[side],
      secrets: false,
      tablespaces: config.sync.tablespaces,
      workers: config.sync.workers,
      masking: masking[side],
      onlyCompared: true,
    });
    releasers.defer(() => source[Symbol.asyncDispose]());
    return source;
  };
  const left = await open('left');
  const right = await open('right');
  checkTwoServers(left, right, [input.left, input.right]);
  const lacking = new Set(missingSchemas(right.model));
  // Where one end has it, its absence at the other is a difference.
  if (missingSchemas(left.model).every((schema) => lacking.has(otherName(names, schema))))
    refuseMissingSchemas(left.model, input.left);
  return {
    left,
    right,
    names,
    renamed: names === null ? null : { left: names.source, right: names.target },
    scopes: { left: verifyScope(left.model, rules.left), right: verifyScope(right.model, rules.right) },
    notes: limited.notes,
  };
}

/** What stands in the place of values was compared, and of filtered tables the rows that are read. */
function maskingNotes(
  { left, right }: Pick<Ends, 'left' | 'right'>,
  names: Pick<VerifyInput, 'left' | 'right'>,
): readonly string[] {
  return (['left', 'right'] as const).flatMap((side) => {
    const { masked } = { left, right }[side];
    return masked === null
      ? []
      : [
          `what "${names[side]}" has in the place of masks: ${maskingSentence(masked.told).replace(/\.$/, '')}`,
        ];
  });
}

/**
 * The left end is read as a sync to the right would read it; where it has no masks, the right one as a sync to the left
 * would. Keys of rows that differ are told, so what requires masks is not read without.
 */
function maskingOf(
  { left, right }: Readonly<Record<'left' | 'right', Environment>>,
  unmasked: boolean,
): Readonly<Record<'left' | 'right', Masking | null>> {
  const ofLeft = maskingFor(left, right, { unmasked });
  return isMasking(ofLeft)
    ? { left: ofLeft, right: null }
    : { left: null, right: maskingFor(right, left, { unmasked }) };
}

function rowsDifferences({
  table,
  equal,
  leftRows,
  rightRows,
}: VerifyReceipt['tables'][number]): readonly Difference[] {
  return equal ? [] : [{ kind: 'table', name: table, difference: rowsDifference(leftRows, rightRows) }];
}

function rowsDifference(left: number | null, right: number | null): string {
  if (left === null || right === null) return `exists on the ${left === null ? 'right' : 'left'} only`;
  return left === right
    ? `${left} rows on both sides, with different content`
    : `${left} rows on the left, ${right} on the right`;
}

function namesOf({ withheld }: CatalogModel): readonly string[] {
  return withheld.map(({ identity }) => identity);
}

/** What holds secrets is not read; that one side lacks it, is said. */
function notRead(
  left: readonly string[],
  right: readonly string[],
  names: Pick<VerifyInput, 'left' | 'right'>,
): readonly string[] {
  return [...new Set([...left, ...right])].sort().map((what) => {
    const only = [left.includes(what) ? [] : [names.right], right.includes(what) ? [] : [names.left]].flat();
    const where = only.length === 0 ? '' : `, and is in ${only.join()} only`;
    return `${what}: it holds secrets, which are not read${where}`;
  });
}

function notCompared(
  { left: { model: left }, right: { model: right } }: Ends,
  names: Pick<VerifyInput, 'left' | 'right'>,
): readonly string[] {
  const views = [...left.objects, ...right.objects].filter(({ kind }) => kind === 'materialized view');
  return [
    'settings, privileges, encoding and locale of the databases themselves',
    ...(views.length === 0 ? [] : ['rows of materialized views, which show the state of their last refresh']),
    ...(toleranceBetween(left.server.versionNum, right.server.versionNum).since16
      ? []
      : ['the wording of views, rules and policies, which servers before 16 write differently']),
    ...notRead(namesOf(left), namesOf(right), names),
    ...untriedWarnings(left.server, `the server of "${names.left}"`),
    ...untriedWarnings(right.server, `the server of "${names.right}"`),
  ];
}
