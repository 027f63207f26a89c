import { objectKinds } from '../catalog/model.ts';
import { onlyOrder } from '../catalog/only-order.ts';
import { SyncError } from '../errors/sync-error.ts';
import { missingEntry } from './missing.ts';
import { withParts } from './table-policies.ts';
import type { PolicyObject } from './table-policies.ts';

export interface LeftOut<T> {
  readonly remaining: readonly T[];
  /** What goes, with its parts (comments, owner, grants …). */
  readonly out: readonly T[];
}

/** Tables are left out by policies, which also say what happens to their rows. */
const byPolicy = new Set(['table', 'foreign table']);

/**
 * Whether an entry of `leaveOut` means an object: it is the object's kind (`event trigger`), or its identity as plans
 * and errors write it (`function public.f(integer)`).
 */
export function meansObject(
  entries: readonly string[],
  { kind, identity }: { readonly kind: string; readonly identity: string },
): boolean {
  return entries.includes(kind) || entries.includes(identity);
}

/**
 * Leaves out what the entries name, and nothing else: CONFLICT_LEFT_OUT names each object that would not work without
 * it. USAGE_INVALID for a table.
 */
export function leaveOut<T extends PolicyObject>(
  objects: readonly T[],
  entries: readonly string[],
): LeftOut<T> {
  if (entries.length === 0) return { remaining: objects, out: [] };
  const chosen = objects.filter((object) => meansObject(entries, object));
  const tables = chosen.filter(({ kind }) => byPolicy.has(kind)).map(({ identity }) => identity);
  if (tables.length > 0) {
    throw new SyncError(
      'USAGE_INVALID',
      `A table cannot be left out like other objects: ${tables.join(', ')}. Use a table policy for ` +
        'a table and its rows.',
      { details: { objects: tables } },
    );
  }
  const ids = withParts(objects, new Set(chosen.map(({ id }) => id)));
  const byId = new Map(objects.map((object) => [object.id, object]));
  const broken = objects.flatMap((object) => {
    if (ids.has(object.id)) return [];
    const needed = object.dependsOn
      .map((id) => (ids.has(id) ? byId.get(id) : undefined))
      .filter((one) => one !== undefined && !onlyOrder.has(one.kind));
    // A refresh waits for many objects, but needs only its view, of which it is a part.
    if (needed.length === 0 || object.kind === 'refresh') return [];
    return [`${object.identity} (needs ${needed.map((one) => one?.identity).join(', ')})`];
  });
  if (broken.length > 0) {
    throw new SyncError(
      'CONFLICT_LEFT_OUT',
      `${broken.length} object(s) need objects that are to be left out: ${broken.join('; ')}.`,
      { details: { objects: broken } },
    );
  }
  return {
    remaining: objects.filter(({ id }) => !ids.has(id)),
    out: objects.filter(({ id }) => ids.has(id)),
  };
}

/** Whether an entry could mean anything: a kind, an identity, which begins with one, or what the target lacks. */
export function isPossibleEntry(entry: string): boolean {
  if (entry === missingEntry) return true;
  const words = [...objectKinds, ...identityWords];
  return words.some((word) => entry === word || entry.startsWith(`${word} `));
}

/** Other words with which identities begin, also those of objects that cannot be copied. */
const identityWords = [
  'constraint',
  'disabled state of constraint',
  'name of trigger',
  'options of user mapping',
  'type',
  'attachment',
  'contents',
  'definition',
  'default privileges',
  'row security',
  'value of sequence',
  'owner column of sequence',
] as const;
