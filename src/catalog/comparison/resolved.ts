/** A definition, and the server that has understood it. */
export interface Understood {
  readonly resolved: readonly string[] | undefined;
  /** `server_version_num`. */
  readonly versionNum: number;
}

/**
 * How two definitions differ in meaning: in the operators that plain names have found. Servers of one major version
 * store equal text alike, so number and order of operators count; between other servers only the set counts. Returns
 * words that follow the object's identity; null for no difference, and if one side does not record it (an older
 * dump).
 */
export function resolvedDifference(
  left: Understood,
  right: Understood,
  sides: { readonly left: string; readonly right: string },
): string | null {
  if (left.resolved === undefined || right.resolved === undefined) return null;
  const [all, others] = [new Set(left.resolved), new Set(right.resolved)];
  const only = [...all].filter((name) => !others.has(name));
  const onlyThere = [...others].filter((name) => !all.has(name));
  if (only.length + onlyThere.length > 0) {
    return `uses ${operators(only)} ${sides.left} and ${operators(onlyThere)} ${sides.right}`;
  }
  if (Math.floor(left.versionNum / 10_000) !== Math.floor(right.versionNum / 10_000)) return null;
  if (left.resolved.join('\u0000') === right.resolved.join('\u0000')) return null;
  return `uses ${operators(left.resolved)} ${sides.left} and ${operators(right.resolved)} ${sides.right}`;
}

function operators(names: readonly string[]): string {
  if (names.length === 0) return 'none of these';
  return `operator${names.length === 1 ? '' : 's'} ${names.join(', ')}`;
}
