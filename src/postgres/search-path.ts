import { quoteLiteral } from './identifiers.ts';
import type { CallOptions, Session } from './session.ts';

/** Sessions of ours have an empty path, to which each of these goes back. */
export const emptySearchPath = "SET search_path TO '';";

export function setSearchPath(schemas: readonly string[]): string {
  return `SET search_path TO ${schemas.map(quoteLiteral).join(', ')};`;
}

/** Statements while plain names are looked for in these schemas, as one message. */
export function withSearchPath(schemas: readonly string[], statements: string): string {
  return schemas.length === 0 ? statements : [setSearchPath(schemas), statements, emptySearchPath].join('\n');
}

/**
 * Does something while plain names are looked for in these schemas, after pg_catalog; with none, as ever. Where `work`
 * fails the path stays: the transaction, or the session with its run, is over then.
 */
export async function underSearchPath<T>(
  session: Session,
  schemas: readonly string[],
  work: () => Promise<T>,
  options: CallOptions,
): Promise<T> {
  if (schemas.length === 0) return work();
  await session.execute(setSearchPath(schemas), options);
  const result = await work();
  await session.execute(emptySearchPath, options);
  return result;
}
