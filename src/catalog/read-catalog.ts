import type { CallOptions, Queryable } from '../postgres/session.ts';
import { readComments } from './comments/comments.ts';
import { readDependencies } from './dependencies/dependencies.ts';
import { extensionParts } from './extensions/extension-parts.ts';
import { withExtensionLinks } from './extensions/extension-links.ts';
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
import { withUnderstanding } from './understood/understood.ts';
import { readUnclaimed } from './unsupported/unclaimed.ts';
import { unsupportedText } from './unsupported/unsupported.ts';
import { catalogSession } from './catalog-session.ts';
import { claims, dependenciesOf } from './claims.ts';
import type { CatalogModel, UnsupportedObject } from './model.ts';
import { refreshes } from './refreshes.ts';
import { readObjects } from './read-objects.ts';
import type { CatalogScope } from './catalog-scope.ts';

/**
 * Reads a database's objects from its catalogs, in a few dozen queries whatever their number. Call it inside a
 * REPEATABLE READ READ ONLY transaction of a pinned session; until its end `search_path` is empty, so that the server
 * writes every name in full. The server's functions that write definitions see the present, not the snapshot
 * (docs/facts/postgresql.md#reading-definitions-back): lock the tables (ACCESS SHARE) first, or accept that a
 * concurrent ALTER fails the run.
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
  const paths = await withSearchPaths(catalog, {
    drafts: objects,
    tables: read.tables,
    dependencies,
    madeAgain: scope.madeAgain ?? null,
  });
  const understood = await withUnderstanding(catalog, paths.drafts, { dependencies, columns: read.columns });
  const drafts = [...understood, ...(await readDefaultPrivileges(catalog, objects))];

  const claimed = claims(drafts, implied, dependencies);
  const comments = await readComments(catalog, claimed.claimantOf);
  const labels = await readSecurityLabels(catalog, claimed.claimantOf);
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const privileges = await readPrivileges(catalog, (row) => byId.get(claimed.providerOf(row) ?? ''));
  const largeObjects = await readLargeObjects(catalog);
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
  const stubs = await readRoutineStubs(catalog, claimed);
  const complete = [...withProperties, ...filled.drafts, ...stubs];
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
