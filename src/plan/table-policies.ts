import { policyFor } from '../environments/table-policy.ts';
import type { TablePolicy, TablePolicyRule } from '../environments/table-policy.ts';

/** The fields of an object that policies look at; a catalogue's and a manifest's objects both have them. */
export interface PolicyObject {
  readonly id: string;
  readonly kind: string;
  readonly schema: string | null;
  readonly name: string;
  readonly identity: string;
  readonly dependsOn: readonly string[];
  readonly partOf: string | null;
}

/**
 * Tables of a database with the policy that holds for each: a partition without a rule of its own follows its parent. A
 * table of an extension comes along with it, so that `exclude` can only mean its rows: the target keeps its own.
 */
export function tablePolicies(
  objects: readonly PolicyObject[],
  rules: readonly TablePolicyRule[],
): ReadonlyMap<string, TablePolicy> {
  const tables = new Map(objects.filter(({ kind }) => kind === 'table').map((table) => [table.id, table]));
  const parents = partitionParents(objects);
  const policyOf = (id: string): TablePolicy => {
    const table = tables.get(id);
    if (table === undefined) return 'sync';
    const own = policyFor(rules, table.schema ?? '', table.name);
    if (own === 'exclude' && table.partOf !== null) return 'preserve';
    const parent = parents.get(id);
    return own === 'sync' && parent !== undefined ? policyOf(parent) : own;
  };
  return new Map([...tables.keys()].map((id) => [id, policyOf(id)]));
}

/** Partition → the table it is a partition of. */
export function partitionParents(objects: readonly PolicyObject[]): ReadonlyMap<string, string> {
  const tables = new Set(objects.filter(({ kind }) => kind === 'table').map(({ id }) => id));
  const parents = new Map<string, string>();
  for (const { kind, partOf, dependsOn } of objects) {
    const parent = dependsOn.find((id) => id !== partOf && tables.has(id));
    if (kind === 'partition attach' && partOf !== null && parent !== undefined) parents.set(partOf, parent);
  }
  return parents;
}

/** The given objects and everything that is a part of them, at any depth. */
export function withParts(objects: readonly PolicyObject[], roots: ReadonlySet<string>): Set<string> {
  const parts = new Map<string, string[]>();
  for (const { id, partOf } of objects) {
    if (partOf === null) continue;
    const siblings = parts.get(partOf);
    if (siblings === undefined) parts.set(partOf, [id]);
    else siblings.push(id);
  }
  const found = new Set<string>();
  const open = [...roots];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(parts.get(id) ?? []));
  }
  return found;
}

export interface Exclusion<T extends PolicyObject = PolicyObject> {
  readonly out: ReadonlySet<string>;
  /**
   * Foreign keys among them that belong to tables that stay, with their parts. A target may have the table they refer
   * to.
   */
  readonly outgoing: readonly T[];
  /** A sentence for each object that is left out because of what it refers to. */
  readonly leftOut: readonly string[];
  /** Identities of objects that stay but need something that is left out. */
  readonly broken: readonly string[];
}

/** What is left out with these tables: all their parts, foreign keys that refer to them, and attachments to them. */
export function exclude<T extends PolicyObject>(
  objects: readonly T[],
  tables: ReadonlySet<string>,
): Exclusion<T> {
  const out = withParts(objects, tables);
  const outgoing = new Set<string>();
  const leftOut: string[] = [];
  const broken: string[] = [];
  for (const object of objects) {
    if (out.has(object.id) || !object.dependsOn.some((id) => out.has(id))) continue;
    if (object.kind === 'foreign key' || object.kind === 'partition attach') {
      for (const id of withParts(objects, new Set([object.id]))) {
        out.add(id);
        if (object.kind === 'foreign key') outgoing.add(id);
      }
      if (object.kind === 'partition attach')
        leftOut.push(`${object.identity} refers to an excluded table; it is left out.`);
    } else {
      broken.push(object.identity);
    }
  }
  return { out, outgoing: objects.filter(({ id }) => outgoing.has(id)), leftOut, broken };
}
