import type { ObjectKind } from './model.ts';

/** Kinds that others wait for, but do not need: without one of them they can be made all the same. */
export const onlyOrder: ReadonlySet<string> = new Set([
  'comment',
  'owner',
  'privileges',
  'refresh',
  'security label',
  'sequence value',
] as const satisfies readonly ObjectKind[]);
