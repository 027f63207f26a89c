import type { Dependency } from './dependencies/dependencies.ts';
import type { Address, Claim, Draft } from './draft.ts';
import { groupBy } from './group-by.ts';

/** Which draft stands for which catalog row. */
export interface Claims {
  /** Drafts that stand for the row by name. */
  readonly claimantOf: (row: Address) => { readonly draft: Draft; readonly claim: Claim } | null;
  /** The same by id, clones and inherited constraints included. */
  readonly idOf: (row: Address) => string | null;
  /** The draft that must exist for the row to exist: also for row types, array types, members of extensions. */
  readonly providerOf: (row: Address) => string | null;
}

export function claims(
  drafts: readonly Draft[],
  implied: ReadonlyMap<Address, Address>,
  dependencies: readonly Dependency[],
): Claims {
  const claimants = new Map(
    drafts.flatMap((draft) => draft.claims.map((claim) => [claim.address, { draft, claim }] as const)),
  );
  const upward = groupBy(
    dependencies.filter(({ type }) => type === 'i' || type === 'e'),
    ({ from }) => from,
  );
  const claimantOf = (row: Address) => claimants.get(row) ?? null;
  const idOf = (row: Address): string | null => {
    const claimant = claimantOf(row);
    if (claimant !== null) return claimant.draft.id;
    const through = implied.get(row);
    return through === undefined ? null : idOf(through);
  };
  const providers = new Map<Address, string | null>();
  const providerOf = (row: Address): string | null => {
    const known = providers.get(row);
    if (known !== undefined) return known;
    providers.set(row, null); // internal dependencies may point at each other (a composite type and its class)
    let provider = idOf(row);
    for (const { to } of upward.get(row) ?? []) provider ??= providerOf(to);
    providers.set(row, provider);
    return provider;
  };
  return { claimantOf, idOf, providerOf };
}

/** Draft → drafts it needs, from `pg_depend`. */
export function dependenciesOf(
  { idOf, providerOf }: Claims,
  dependencies: readonly Dependency[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const edges = new Map<string, Set<string>>();
  for (const { from, to, type } of dependencies) {
    // Partition dependencies are made by the ATTACH statements, which need both sides; clones hang on theirs.
    if (type === 'P' || type === 'S') continue;
    const dependent = idOf(from);
    const needed = providerOf(to);
    if (dependent === null || needed === null || dependent === needed) continue;
    // Changes of members need no order: their extension has made all members.
    if (dependent.startsWith('member:') && needed.startsWith('member:')) continue;
    // OWNED BY is a statement of its own, after the table; drafts of identity sequences name their needs themselves.
    if (dependent.startsWith('sequence:') && (type === 'a' || type === 'i')) continue;
    const needs = edges.get(dependent);
    if (needs === undefined) edges.set(dependent, new Set([needed]));
    else needs.add(needed);
  }
  return edges;
}
