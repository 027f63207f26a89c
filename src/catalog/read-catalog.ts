import type { CallOptions, Queryable } from '../postgres/session.ts';
import { catalogSession } from './catalog-session.ts';
import type { CatalogSession } from './catalog-session.ts';
import { claims, dependenciesOf } from './claims.ts';
import { readComments } from './comments/comments.ts';
import { readConstraints } from './constraints/constraints.ts';
import { isHandedDown } from './constraints/handed-down-key.ts';
import type { ConstraintRow } from './constraints/constraint-row.ts';
import { readDependencies } from './dependencies/dependencies.ts';
import { address } from './draft.ts';
import type { Address, Draft } from './draft.ts';
import { withExtensionLinks } from './extensions/extension-links.ts';
import { readExtensionConfig } from './extensions/extension-config.ts';
import { readExtensions } from './extensions/extensions.ts';
import { attachmentsBelow, readIndexAttachments } from './indexes/index-attachments.ts';
import { readIndexSettings } from './indexes/index-settings.ts';
import { readIndexes } from './indexes/indexes.ts';
import type { CatalogModel, CatalogSequence, CatalogTable, UnsupportedObject } from './model.ts';
import { orderDrafts } from './order/order-drafts.ts';
import { readRoutineStubs } from './order/routine-stubs.ts';
import { ownerDrafts } from './owners/owners.ts';
import { readPolicies } from './policies/policies.ts';
import { readDefaultPrivileges } from './privileges/default-privileges.ts';
import { readPrivileges } from './privileges/privileges.ts';
import { refreshes } from './refreshes.ts';
import { readRoutines } from './routines/routines.ts';
import { readRules } from './rules/rules.ts';
import { readSchemas } from './schemas/schemas.ts';
import { readSequences, sequenceTable } from './sequences/sequences.ts';
import { readSequenceValues } from './sequences/sequence-values.ts';
import { readServerFacts } from './server/server-facts.ts';
import { readColumns } from './tables/columns.ts';
import { readDefaults } from './tables/defaults.ts';
import { readTableRows } from './tables/table-row.ts';
import { tablesOf } from './tables/tables.ts';
import { readTriggers } from './triggers/triggers.ts';
import { readCompositeTypes } from './types/composite-types.ts';
import { readDomains } from './types/domains.ts';
import { readEnums } from './types/enums.ts';
import { readUnclaimed } from './unsupported/unclaimed.ts';
import type { ViewRow } from './views/view-row.ts';
import { readLanguages } from './languages/languages.ts';
import { readLargeObjects } from './large-objects/large-objects.ts';
import { readCollations } from './collations/collations.ts';
import { readShellTypes } from './types/shell-types.ts';
import { readRangeTypes } from './types/range-types.ts';
import { readBaseTypes } from './types/base-types.ts';
import { readTransforms } from './transforms/transforms.ts';
import { readCasts } from './casts/casts.ts';
import { readAggregates } from './aggregates/aggregates.ts';
import { withOperatorClasses } from './operators/class-needs.ts';
import { readAccessMethods } from './access-methods/access-methods.ts';
import { readOperators } from './operators/operators.ts';
import { readOperatorFamilies } from './operators/operator-families.ts';
import { readOperatorClasses } from './operators/operator-classes.ts';
import { readConversions } from './conversions/conversions.ts';
import { readTextSearchParsers } from './text-search/parsers.ts';
import { readTextSearchTemplates } from './text-search/templates.ts';
import { readTextSearchDictionaries } from './text-search/dictionaries.ts';
import { readTextSearchConfigurations } from './text-search/configurations.ts';
import { readForeignDataWrappers } from './foreign-data/wrappers.ts';
import { readServers } from './foreign-data/servers.ts';
import { readUserMappings } from './foreign-data/user-mappings.ts';
import { readStatistics } from './statistics/statistics.ts';
import { readPublications } from './publications/publications.ts';
import { readSubscriptions } from './subscriptions/subscriptions.ts';
import { readEventTriggers } from './event-triggers/event-triggers.ts';
import { readSecurityLabels } from './security-labels/security-labels.ts';
import { readDatabaseSettings } from './settings/database-settings.ts';
import { readViews } from './views/views.ts';

/** What to read: the whole database, and of it what is not carried unless somebody asks. */
export interface CatalogScope {
  /**
   * Options of user mappings, which hold passwords: without them the mappings are made without options. Subscriptions,
   * whose connection strings do: without them they are left out.
   */
  readonly secrets?: boolean | undefined;
  /** False: everything lies in the database's own tablespace. */
  readonly tablespaces?: boolean | undefined;
  /** Tables that take no part: the values of their sequences are not read, which the role may not be allowed to. */
  readonly excluded?: ((schema: string, name: string) => boolean) | undefined;
}

/**
 * Reads a database's objects from its catalogs, in a few dozen queries whatever their number. Call it inside a
 * REPEATABLE READ READ ONLY transaction of a pinned session; until its end `search_path` is empty, so that the server
 * writes every name in full. The server's own functions that write definitions look at the present, not at the snapshot: lock
 * the tables (ACCESS SHARE) before, or accept that a concurrent ALTER fails the run.
 *
 * Servers 13 to 18. Memory grows with the number of objects. Errors of the server pass through as they are: the caller
 * knows which side it reads. Throws SOURCE_NOT_READABLE for a sequence whose value is hidden. On abort rejects with
 * the signal's reason; the session is then not reusable.
 */
export async function readCatalog(
  session: Queryable,
  scope: CatalogScope = {},
  options: CallOptions = {},
): Promise<CatalogModel> {
  const versionNum = await serverVersionNum(session, options);
  const catalog = catalogSession(session, versionNum, options.signal);
  const server = await readServerFacts(catalog);
  const dependencies = await readDependencies(catalog);
  const { drafts: objects, implied, ...read } = await readObjects(catalog, scope);
  const drafts = [...objects, ...(await readDefaultPrivileges(catalog, objects))];

  const claimed = claims(drafts, implied, dependencies);
  const comments = await readComments(catalog, claimed.claimantOf);
  const labels = await readSecurityLabels(catalog, claimed.claimantOf);
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const privileges = await readPrivileges(catalog, (row) => byId.get(claimed.providerOf(row) ?? ''));
  const largeObjects = await readLargeObjects(catalog);
  const withProperties = [
    ...largeObjects.drafts,
    ...drafts,
    ...comments.drafts,
    ...labels.drafts,
    ...ownerDrafts(drafts),
    ...privileges,
  ];

  const edges = withOperatorClasses(dependenciesOf(claimed, dependencies), claimed, { dependencies, drafts });
  const contents = refreshes(read.views, withProperties, edges);
  const stubs = await readRoutineStubs(catalog, claimed);
  const complete = [...withProperties, ...contents.drafts, ...stubs];
  const ordered = orderDrafts(await withExtensionLinks(catalog, complete, claimed), edges);
  const unclaimed = await readUnclaimed(catalog, {
    dependencies,
    idOf: claimed.idOf,
    comments: comments.unclaimed,
    labels: labels.unclaimed,
  });
  return {
    server,
    objects: ordered.objects,
    tables: read.tables.toSorted(byName),
    sequences: read.sequences.toSorted(byName),
    largeObjects: largeObjects.totals,
    unsupported: inOrder([
      ...read.unsupported,
      ...contents.unsupported,
      ...ordered.unsupported,
      ...unclaimed,
    ]),
    extensions: read.extensions,
    withheld: [...read.withheld].sort(),
  };
}

/** For this transaction `search_path` is empty whatever happened before: an extension's script may have set it. */
const versionSql = `
  SELECT pg_catalog.set_config('search_path', '', true),
    pg_catalog.current_setting('server_version_num')::int AS "version"`;

async function serverVersionNum(session: Queryable, options: CallOptions): Promise<number> {
  const [row] = await session.query<{ version: number }>(versionSql, [], options);
  return Number(row?.version);
}

interface ReadObjects {
  readonly drafts: readonly Draft[];
  /** Rows that come with another row: clones, inherited constraints. */
  readonly implied: ReadonlyMap<Address, Address>;
  readonly tables: readonly CatalogTable[];
  readonly sequences: readonly CatalogSequence[];
  readonly views: readonly ViewRow[];
  readonly extensions: CatalogModel['extensions'];
  readonly withheld: readonly string[];
  readonly unsupported: readonly UnsupportedObject[];
}

/** Kinds whose readers need nothing but the catalogs. */
const freeKinds: readonly ((catalog: CatalogSession) => Promise<readonly Draft[]>)[] = [
  readSchemas,
  readLanguages,
  readCollations,
  readShellTypes,
  readEnums,
  readDomains,
  readRangeTypes,
  readBaseTypes,
  readTransforms,
  readCasts,
  readRoutines,
  readAggregates,
  readAccessMethods,
  readOperators,
  readOperatorFamilies,
  readOperatorClasses,
  readConversions,
  readTextSearchParsers,
  readTextSearchTemplates,
  readTextSearchDictionaries,
  readTextSearchConfigurations,
  readForeignDataWrappers,
  readServers,
  readStatistics,
  readPublications,
  readEventTriggers,
  readDatabaseSettings,
];

/** Everything that has a row of its own, kind by kind. */
async function readObjects(catalog: CatalogSession, scope: CatalogScope): Promise<ReadObjects> {
  const free: Draft[] = [];
  for (const read of freeKinds) free.push(...(await read(catalog)));
  const tablespaces = scope.tablespaces !== false;
  const secrets = { secrets: scope.secrets === true };
  const mappings = await readUserMappings(catalog, secrets);
  const subscriptions = await readSubscriptions(catalog, secrets);
  const columns = await readColumns(catalog);
  const defaults = await readDefaults(catalog);
  const indexSettings = await readIndexSettings(catalog);
  const tableRows = await readTableRows(catalog, tablespaces);
  const constraints = await readConstraints(catalog, indexSettings, tableRows, tablespaces);
  const extensions = await readExtensions(catalog);
  const sequences = await readSequences(catalog);
  const config = await readExtensionConfig(catalog);
  const values = await readSequenceValues(catalog, [
    ...sequences.rows
      .filter(({ tableSchema, tableName }) => scope.excluded?.(tableSchema ?? '', tableName ?? '') !== true)
      .map((row) => ({ ...row, ownedByTable: sequenceTable(row)?.id ?? null })),
    ...config.sequences,
  ]);
  const tables = tablesOf({ rows: tableRows, columns, defaults, constraints: constraints.rows });
  const views = await readViews(catalog, columns, tablespaces);
  const indexes = await readIndexes(catalog, indexSettings, tablespaces);
  const attachments = await readIndexAttachments(catalog);
  const triggers = await readTriggers(catalog);
  const rules = await readRules(catalog);
  const indexDrafts = [...constraints.drafts, ...indexes.drafts];
  const indexIds = new Map(
    indexDrafts.flatMap((draft) => draft.claims.map((claim) => [claim.address, draft.id] as const)),
  );
  const handedDown = new Set(
    constraints.rows.filter((row) => isHandedDown(row)).map(({ index }) => address('pg_class', index)),
  );
  return {
    drafts: [
      ...free,
      ...mappings.drafts,
      ...subscriptions.drafts,
      ...extensions.drafts,
      ...config.drafts,
      ...(await readCompositeTypes(catalog, columns)),
      ...sequences.drafts,
      ...tables.drafts,
      ...defaults.flatMap(({ part }) => part ?? []),
      ...views.drafts,
      ...values.drafts,
      ...withAttachments(indexDrafts, constraints.rows, attachments.children),
      ...attachments.drafts((index) => (handedDown.has(index) ? null : (indexIds.get(index) ?? null))),
      ...triggers.drafts,
      ...rules.drafts,
      ...(await readPolicies(catalog, tableRows)),
    ],
    implied: new Map([...constraints.implied, ...triggers.implied]),
    tables: [...tables.tables, ...config.tables],
    sequences: values.sequences,
    views: views.rows,
    extensions: extensions.versions,
    withheld: [...mappings.withheld, ...subscriptions.withheld],
    unsupported: [
      ...mappings.unsupported,
      ...subscriptions.unsupported,
      ...tables.unsupported,
      ...views.unsupported,
      ...indexes.unsupported,
      ...triggers.unsupported,
      ...rules.unsupported,
    ],
  };
}

/** A foreign key to a partitioned table waits until the key it relies on has all its parts. */
function withAttachments(
  drafts: readonly Draft[],
  constraints: readonly ConstraintRow[],
  children: ReadonlyMap<number, readonly number[]>,
): Draft[] {
  const reliesOn = new Map(
    constraints.filter(({ type }) => type === 'f').map((row) => [`foreign key:${row.oid}`, row.index]),
  );
  return drafts.map((draft) => {
    const index = reliesOn.get(draft.id);
    const needs = index === undefined ? [] : attachmentsBelow(children, index);
    return needs.length === 0 ? draft : { ...draft, needs: [...draft.needs, ...needs] };
  });
}

/** By identity, each once. */
function inOrder(objects: readonly UnsupportedObject[]): UnsupportedObject[] {
  const once = new Map(objects.map((object) => [object.identity, object]));
  return [...once.values()].sort((a, b) => compareText(a.identity, b.identity));
}

function byName(
  a: { readonly schema: string; readonly name: string },
  b: { readonly schema: string; readonly name: string },
): number {
  return compareText(a.schema, b.schema) || compareText(a.name, b.name);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
