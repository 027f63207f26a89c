import type { CallOptions, PipelineQueryable, Queryable } from '../postgres/session.ts';
import { readComments } from './comments/comments.ts';
import { readDependencies } from './dependencies/dependencies.ts';
import { extensionParts } from './extensions/extension-parts.ts';
import { readExtensionLinks } from './extensions/extension-links.ts';
import { readExtensionMembers } from './extensions/extension-members.ts';
import { readLargeObjects } from './large-objects/large-objects.ts';
import { withOperatorClasses } from './operators/class-needs.ts';
import { orderDrafts } from './order/order-drafts.ts';
import { readRoutineStubs } from './order/routine-stubs.ts';
import { ownerDrafts } from './owners/owners.ts';
import { readDefaultPrivileges } from './privileges/default-privileges.ts';
import { readPrivileges } from './privileges/privileges.ts';
import { readSecurityLabels } from './security-labels/security-labels.ts';
import { readServerFacts } from './server/server-facts.ts';
import { withSearchPaths } from './search-path/search-paths.ts';
import { readUnderstanding } from './understood/understood.ts';
import { readUnclaimed, readUserRows } from './unsupported/unclaimed.ts';
import { unsupportedText } from './unsupported/unsupported.ts';
import { catalogSession } from './catalog-session.ts';
import type { CatalogSession } from './catalog-session.ts';
import { claims, dependenciesOf } from './claims.ts';
import type { CatalogModel, ExtensionMember, UnsupportedObject } from './model.ts';
import { refreshes } from './refreshes.ts';
import { restrict } from './restriction/restrict.ts';
import { readObjects } from './read-objects.ts';
import { withoutUndoSchemas } from './undo-schemas.ts';
import type { CatalogScope } from './catalog-scope.ts';

/**
 * Reads a database's objects from its catalogs, in a few dozen queries and a dozen round trips whatever their number.
 * Call it inside a REPEATABLE READ READ ONLY transaction of a pinned session; until its end `search_path` is empty, so
 * that the server writes every name in full. The server's own functions that write definitions look at the present,
 * not at the snapshot: lock the tables (ACCESS SHARE) before, or accept that a concurrent ALTER fails the run.
 *
 * Servers 13 to 18. Memory grows with the number of objects. Errors of the server pass through as they are: the caller
 * knows which side it reads. Throws SOURCE_NOT_READABLE for a sequence whose value is hidden. On abort rejects with
 * the signal's reason; the session is then not reusable.
 */
export async function readCatalog(
  session: PipelineQueryable,
  scope: CatalogScope = {},
  options: CallOptions = {},
): Promise<CatalogModel> {
  const versionNum = await serverVersionNum(session, options);
  const catalog = catalogSession(session, versionNum, options.signal);
  try {
    const model = withoutUndoSchemas(await readAll(catalog, scope));
    return isAll(scope.schemas)
      ? model
      : restrict(model, scope.schemas, { withHanging: scope.withHanging === true });
  } finally {
    await catalog.close();
  }
}

/** Only what its extensions hold, as `readCatalog` has it. */
export async function readMembers(
  session: PipelineQueryable,
  options: CallOptions = {},
): Promise<{ readonly members: readonly ExtensionMember[]; readonly versionNum: number }> {
  const versionNum = await serverVersionNum(session, options);
  const catalog = catalogSession(session, versionNum, options.signal);
  try {
    return { members: (await readExtensionMembers(catalog)).members, versionNum };
  } finally {
    await catalog.close();
  }
}

async function readAll(catalog: CatalogSession, scope: CatalogScope): Promise<CatalogModel> {
  const [server, dependencies, { drafts: objects, implied, ...read }] = await Promise.all([
    readServerFacts(catalog),
    readDependencies(catalog),
    readObjects(catalog, scope),
  ]);
  const [paths, understood, defaultPrivileges, largeObjects] = await Promise.all([
    withSearchPaths(catalog, {
      drafts: objects,
      tables: read.tables,
      dependencies,
      madeAgain: scope.madeAgain ?? null,
    }),
    readUnderstanding(catalog, { dependencies, columns: read.columns }),
    readDefaultPrivileges(catalog, objects),
    readLargeObjects(catalog),
  ]);
  const drafts = [...understood(paths.drafts), ...defaultPrivileges];

  const claimed = claims(drafts, implied, dependencies);
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const [comments, labels, privileges, stubs, linked, userRows] = await Promise.all([
    readComments(catalog, claimed.claimantOf),
    readSecurityLabels(catalog, claimed.claimantOf),
    readPrivileges(catalog, (row) => byId.get(claimed.providerOf(row) ?? '')),
    readRoutineStubs(catalog, claimed),
    readExtensionLinks(catalog, claimed),
    readUserRows(catalog),
  ]);
  const written = [
    ...largeObjects.drafts,
    ...drafts,
    ...comments.drafts,
    ...labels.drafts,
    ...ownerDrafts(drafts),
    ...privileges,
  ];

  const needs = withOperatorClasses(dependenciesOf(claimed, dependencies), claimed, { dependencies, drafts });
  const { drafts: withProperties, edges } = extensionParts(written, needs, read.extensionRelations);
  const contents = refreshes(read.views, withProperties, edges);
  const filled = paths.contents(contents.drafts);
  const ordered = orderDrafts(linked([...withProperties, ...filled.drafts, ...stubs]), edges);
  const unclaimed = await readUnclaimed(catalog, userRows, {
    dependencies,
    idOf: claimed.idOf,
    comments: comments.unclaimed,
    labels: labels.unclaimed,
  });
  return {
    server,
    objects: ordered.objects,
    tables: paths.tables.toSorted(byName),
    sequences: read.sequences.toSorted(byName),
    largeObjects: largeObjects.totals,
    unsupported: inOrder([
      ...read.unsupported,
      ...paths.unsupported,
      ...contents.unsupported,
      ...filled.unsupported,
      ...ordered.unsupported,
      ...unclaimed,
    ]),
    extensions: read.extensions,
    extensionMembers: read.extensionMembers,
    withheld: [...read.withheld].sort((a, b) => (a.identity < b.identity ? -1 : 1)),
    restriction: null,
  };
}

function isAll(schemas: CatalogScope['schemas']): schemas is null | undefined {
  return schemas === null || schemas === undefined;
}

/** For this transaction `search_path` is empty whatever happened before: an extension's script may have set it. */
const versionSql = `
  SELECT pg_catalog.set_config('search_path', '', true),
    pg_catalog.current_setting('server_version_num')::int AS "version"`;

async function serverVersionNum(session: Queryable, options: CallOptions): Promise<number> {
  const [row] = await session.query<{ version: number }>(versionSql, [], options);
  return Number(row?.version);
}

/** By identity and obstacle, each once. */
function inOrder(objects: readonly UnsupportedObject[]): UnsupportedObject[] {
  const once = new Map(objects.map((object) => [unsupportedText(object), object]));
  return [...once].sort(([a], [b]) => compareText(a, b)).map(([, object]) => object);
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
