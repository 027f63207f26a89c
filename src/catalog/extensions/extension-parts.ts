import type { Draft } from '../draft.ts';
import { belowParts } from './below-parts.ts';
import type { ExtensionRelation, ExtensionRelations } from './extension-relations.ts';
import { guarded } from './guarded.ts';
import type { Guard } from './guarded.ts';
import { absenceGuard, commentGuard, partGuard } from './part-guards.ts';

export interface ExtensionParts {
  readonly drafts: readonly Draft[];
  readonly edges: ReadonlyMap<string, ReadonlySet<string>>;
}

type Edges = ExtensionParts['edges'];

/**
 * Indexes, constraints, triggers, rules, policies and statistics of relations that extensions make. The catalogues do
 * not say whether the extension's script or a user made them, and CREATE EXTENSION brings only the script's: each is
 * made after the rows if there is none of its name (part-guards.ts). They are dropped with the extension; those that
 * need other objects are dropped before these.
 */
export function extensionParts(
  drafts: readonly Draft[],
  edges: Edges,
  relations: ExtensionRelations,
): ExtensionParts {
  if (relations.size === 0) return { drafts, edges };
  const parts = partsOf(drafts, relations);
  const byId = new Map(drafts.map((draft) => [draft.id, draft]));
  const below = belowParts(drafts, byId, parts);
  const guardedDrafts = drafts.map((draft): Draft => {
    const table = below.get(draft.id);
    if (table !== undefined) return withGuard(draft, absenceGuard(draft, table));
    const relation = parts.get(draft.id);
    if (relation === undefined) return draft;
    const part = byId.get(draft.partOf ?? '');
    if (draft.kind === 'comment') {
      return part === undefined ? draft : withGuard(draft, commentGuard(draft, part, relation));
    }
    // Giving an owner what it owns already needs no rights.
    if (!kinds.has(draft.kind)) return draft;
    const others = foreignNeeds(draft, { edges, byId, parts, relations, relation });
    const users = draft.roles.length > 0 || others.some(({ kind }) => kind !== 'extension');
    return {
      ...withGuard(draft, partGuard(draft, relation, { users })),
      // A CHECK of a table of one's own stands in the table's statement.
      inlineIn: null,
      separateTo: null,
      partOf: isOfRelation(draft, relations) && !relation.config ? extensionId(relation) : draft.partOf,
      dropSql: others.length === 0 ? null : draft.dropSql,
    };
  });
  return { drafts: guardedDrafts, edges: throughExtensions(edges, byId, parts) };
}

/** Parts, with what is said of them: comments, owners, attachments. */
function partsOf(
  drafts: readonly Draft[],
  relations: ExtensionRelations,
): ReadonlyMap<string, ExtensionRelation> {
  const parts = new Map<string, ExtensionRelation>();
  for (const draft of drafts) {
    const relation = isOfRelation(draft, relations) ? relations.get(draft.partOf ?? '') : undefined;
    if (relation !== undefined) parts.set(draft.id, relation);
  }
  for (const { id, partOf } of drafts) {
    const relation = parts.get(partOf ?? '');
    if (relation !== undefined) parts.set(id, relation);
  }
  return parts;
}

/** What the extension's configuration says of its own triggers is not a part, nor are grants and comments. */
const kinds = new Set<Draft['kind']>([
  'check constraint',
  'exclusion constraint',
  'foreign key',
  'index',
  'index attach',
  'policy',
  'primary key',
  'row security',
  'rule',
  'statistics',
  'trigger',
  'unique constraint',
]);

function isOfRelation({ kind, partOf, claims }: Draft, relations: ExtensionRelations): boolean {
  return kinds.has(kind) && (claims.length > 0 || kind === 'row security') && relations.has(partOf ?? '');
}

function withGuard(draft: Draft, guard: Guard): Draft {
  const { sql } = draft;
  const text = typeof sql === 'string' ? sql : sql(() => true);
  // One that a parent's statement brings along has none.
  return text === ''
    ? draft
    : { ...draft, sql: guarded(text, guard), facts: { ...draft.facts, guarded: true } };
}

interface Surroundings {
  readonly edges: Edges;
  readonly byId: ReadonlyMap<string, Draft>;
  readonly parts: ReadonlyMap<string, ExtensionRelation>;
  readonly relations: ExtensionRelations;
  readonly relation: ExtensionRelation;
}

/** What a part needs that is not its extension's. */
function foreignNeeds(part: Draft, { edges, byId, parts, relations, relation }: Surroundings): Draft[] {
  const needs = new Set([...part.needs, ...(edges.get(part.id) ?? [])]);
  return [...needs].flatMap((id) => {
    const need = byId.get(id);
    const from = parts.get(id) ?? relations.get(id);
    if (
      need === undefined ||
      need.kind === 'schema' ||
      need.kind === 'extension member' ||
      id === extensionId(relation)
    )
      return [];
    return from?.extension === relation.extension ? [] : [need];
  });
}

/**
 * Views and functions that rely on a key of an extension's table come before the rows, because the extension has made
 * the key. Only foreign keys wait for parts.
 */
function throughExtensions(
  edges: Edges,
  byId: ReadonlyMap<string, Draft>,
  parts: ReadonlyMap<string, ExtensionRelation>,
): Edges {
  return new Map(
    [...edges].map(([id, needs]) => {
      if (parts.has(id) || byId.get(id)?.kind === 'foreign key') return [id, needs];
      const through = [...needs].map((need) => {
        const relation = parts.get(need);
        return relation === undefined ? need : extensionId(relation);
      });
      return [id, new Set(through)];
    }),
  );
}

function extensionId({ extension }: ExtensionRelation): string {
  return `extension:${extension}`;
}
