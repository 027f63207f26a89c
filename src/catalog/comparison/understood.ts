import type { Understood } from '../model.ts';

/**
 * How two servers differ in their understanding of a definition: words that follow the object's identity; null for no
 * difference, and if one side does not record it.
 */
export function understoodDifference(
  left: Understood | undefined,
  right: Understood | undefined,
  sides: { readonly left: string; readonly right: string },
): string | null {
  if (left === undefined || right === undefined) return null;
  if (left.columns.join('\u0000') !== right.columns.join('\u0000')) {
    const [here, there] = onlyIn(left.columns, right.columns);
    return here.length + there.length === 0
      ? `has its columns in another order ${sides.right}`
      : `has column ${listOf(here)} ${sides.left} and ${listOf(there)} ${sides.right}`;
  }
  const [here, there] = onlyIn(left.uses, right.uses);
  if (here.length + there.length === 0) return null;
  return `uses ${listOf(here)} ${sides.left} and ${listOf(there)} ${sides.right}`;
}

function onlyIn(
  left: readonly string[],
  right: readonly string[],
): readonly [readonly string[], readonly string[]] {
  return [left.filter((one) => !right.includes(one)), right.filter((one) => !left.includes(one))];
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'none of these' : names.join(', ');
}
