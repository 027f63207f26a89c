import type { Draft, IsSeparate } from '../draft.ts';
import type { CatalogObject, ObjectKind, UnsupportedObject } from '../model.ts';
import { castsFirst, domainChecksFirst } from './casts-first.ts';
import { orderNode } from './draft-node.ts';
import { groupNodes } from './order-node.ts';
import type { Repairs } from './order-node.ts';
import { repairLoops } from './repair-loops.ts';
import { topologicalOrder } from './topological-order.ts';
import { saidOfOthers } from '../object-facts.ts';
import type { ObjectFacts } from '../object-facts.ts';
import { unsupported } from '../unsupported/unsupported.ts';

export interface OrderedObjects {
  readonly objects: readonly CatalogObject[];
  /** Loops that cannot be written as statements in any order. */
  readonly unsupported: readonly UnsupportedObject[];
}

/**
 * Drafts as objects, in an order in which they can be created. `dependencies`: draft → drafts that `pg_depend` names,
 * besides what the drafts say themselves.
 */
export function orderDrafts(
  drafts: readonly Draft[],
  dependencies: ReadonlyMap<string, ReadonlySet<string>>,
): OrderedObjects {
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const forerunners = new Map(
    drafts.flatMap((draft) => (draft.forerunnerOf === null ? [] : [[draft.forerunnerOf, draft] as const])),
  );
  const nodes = new Map(
    drafts.map((draft) => [draft.id, orderNode(draft, dependencies, forerunners.get(draft.id))]),
  );
  const repairs = repairLoops(nodes);
  const { groupOf, sectionOf, edges: needs } = groupNodes(nodes, repairs);
  const earlyKind = (id: string): ObjectKind | null =>
    sectionOf(id) === 'pre-data' ? (byId.get(id)?.kind ?? null) : null;
  const isDomainCheck = (id: string): boolean =>
    earlyKind(id) === 'check constraint' && byId.get(byId.get(id)?.partOf ?? '')?.kind === 'domain';
  const isTable = (id: string): boolean =>
    ['table', 'foreign table', 'materialized view'].includes(earlyKind(id) ?? '');
  const edges = domainChecksFirst(castsFirst(needs, earlyKind), isDomainCheck, isTable);
  const keyOf = (id: string): string =>
    `${sectionOf(id) === 'pre-data' ? 0 : 1} ${nodes.get(id)?.sortKey ?? ''}`;
  const order = topologicalOrder(edges, keyOf);
  const placed = new Set(order);
  const looping = [...edges.keys()]
    .filter((id) => !placed.has(id))
    .sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  /** Schema public has no statement: every database has it. */
  const exists = (id: string): boolean => byId.get(id)?.sql !== '';
  /** Drafts without a statement pass on their needs and the object of which they are a part. */
  const needsOf = (id: string): readonly string[] => {
    const needs = new Set(edges.get(id));
    for (const need of needs)
      if (!exists(need)) for (const further of edges.get(need) ?? []) needs.add(further);
    return [...needs].filter((need) => exists(need) && need !== id).sort();
  };
  const ownerOf = (partOf: string | null): string | null => {
    if (partOf === null) return null;
    const group = groupOf(partOf);
    return exists(group) ? group : ownerOf(byId.get(group)?.partOf ?? null);
  };
  const objects = [...order, ...looping]
    .filter((id) => exists(id))
    .flatMap((id): CatalogObject[] => {
      const draft = byId.get(id);
      if (draft === undefined) return [];
      const section = sectionOf(id);
      const dependsOn = needsOf(id);
      const partOf = ownerOf(draft.partOf);
      return [
        objectOf(draft, {
          section,
          isSeparate: (part) => repairs.separated.has(part),
          dropSql: dropStatement(draft, forerunners.get(id), repairs),
          dependsOn,
          partOf,
          facts: { ...draft.facts, ...factsOfPlace(draft, byId.get(partOf ?? draft.partOf ?? '')) },
          locks: section === 'post-data' ? [...draft.locks, ...locksOfNeeds(draft, byId, dependsOn)] : [],
        }),
      ];
    });
  return { objects, unsupported: repairs.unbreakable.map((loop) => loopOf(loop, byId)) };
}

/** What only the order of all drafts tells of one. */
interface Placed extends Pick<
  CatalogObject,
  'section' | 'dropSql' | 'dependsOn' | 'partOf' | 'locks' | 'facts'
> {
  readonly isSeparate: IsSeparate;
}

function factsOfPlace(draft: Draft, whole: Draft | undefined): ObjectFacts {
  const isSaid = saidOfOthers.has(draft.kind) && draft.facts.forRole === undefined;
  return isSaid && whole !== undefined ? { of: whole.kind } : {};
}

function objectOf(draft: Draft, { isSeparate, section, facts, ...placed }: Placed): CatalogObject {
  const { id, kind, schema, name, identity, roles, tablespaces, minServerMajor, superuser, reference } =
    draft;
  return {
    id,
    kind,
    schema,
    name,
    identity,
    section,
    sql: typeof draft.sql === 'string' ? draft.sql : draft.sql(isSeparate),
    facts,
    resolved: draft.resolved(isSeparate),
    foundByPath: draft.foundByPath,
    ...(draft.understood === null ? {} : { understood: draft.understood(isSeparate) }),
    ...placed,
    roles,
    tablespaces,
    minServerMajor,
    superuser,
    ...(reference === undefined ? {} : { reference }),
  };
}

function loopOf(loop: readonly string[], byId: ReadonlyMap<string, Draft>): UnsupportedObject {
  const identities = loop.map((id) => byId.get(id)?.identity ?? id).sort();
  return unsupported(`loop of dependencies: ${identities.join(', ')}`, {
    obstacle: 'none of which can be made first (leave out all of them by their names)',
    objects: loop,
    isLoop: true,
  });
}

const relations: ReadonlySet<ObjectKind> = new Set([
  'table',
  'foreign table',
  'view',
  'materialized view',
  'sequence',
]);

/**
 * A statement also locks the relations it reads about (ACCESS SHARE): two policies whose conditions ask each other's
 * tables would wait for each other for ever.
 */
function locksOfNeeds(
  { locks }: Draft,
  byId: ReadonlyMap<string, Draft>,
  needs: readonly string[],
): CatalogObject['locks'] {
  const own = new Set(locks.map(({ table }) => table));
  return needs
    .filter((need) => !own.has(need) && relations.has(byId.get(need)?.kind ?? 'schema'))
    .map((table) => ({ table, mode: 'share' }));
}

/** Neither side of a loop can be dropped first: the one with a forerunner goes together with the others. */
function dropStatement(draft: Draft, forerunner: Draft | undefined, repairs: Repairs): string | null {
  const { id, kind, dropSql } = draft;
  if (draft.forerunnerOf !== null) return null;
  if (forerunner !== undefined && repairs.separated.has(forerunner.id)) return forerunner.dropSql;
  const mayBeGone = (kind === 'function' || kind === 'procedure') && repairs.vanishing.has(id);
  return mayBeGone
    ? (dropSql?.replace(/^DROP (FUNCTION|PROCEDURE) /, 'DROP $1 IF EXISTS ') ?? null)
    : dropSql;
}
