import type { PrivilegeItem } from './privilege-statements.ts';

/**
 * Items in an order in which each grantor may already grant. That is usually the stored order; but if a grant option
 * was revoked and given again by somebody else, its item is stored after those that depend on it.
 */
export function inGrantOrder<Item extends PrivilegeItem>(items: readonly Item[]): readonly Item[] {
  const waiting = items.filter(({ action }) => action === 'grant');
  const ordered = items.filter(({ action }) => action === 'revoke');
  while (waiting.length > 0) {
    // The server allows no circles; if there is one, its statement fails.
    const next = waiting.findIndex((item) => mayGrant(item, ordered, waiting));
    ordered.push(...waiting.splice(Math.max(next, 0), 1));
  }
  return ordered;
}

/** Whether its grantor has every grant option it needs, from earlier items or from the object's initial privileges. */
function mayGrant(
  item: PrivilegeItem,
  before: readonly PrivilegeItem[],
  waiting: readonly PrivilegeItem[],
): boolean {
  if (item.grantor === null) return true;
  const given = (items: readonly PrivilegeItem[], privilege: string): boolean =>
    items.some(
      (other) =>
        other.action === 'grant' &&
        other.grantee === item.grantor &&
        (other.column === null || other.column === item.column) &&
        other.grantable?.includes(privilege) === true,
    );
  return [...(item.privileges ?? []), ...(item.grantable ?? [])].every(
    (privilege) => given(before, privilege) || !given(waiting, privilege),
  );
}
