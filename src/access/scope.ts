/**
 * What a holder of a key may do. Each includes the one before.
 *
 * `read`: look at everything but the rows. `operate`: also start, cancel, undo and remove, in the environments it may
 * write. `admin`: everything, in all of them, and the tokens.
 */
export const scopes = ['read', 'operate', 'admin'] as const;
export type Scope = (typeof scopes)[number];

export function includes(has: Scope, needed: Scope): boolean {
  return scopes.indexOf(has) >= scopes.indexOf(needed);
}
