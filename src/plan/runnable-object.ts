import type { FoundByPath, OutsideNeed, Reference, Understood } from '../catalog/model.ts';
import type { ObjectFacts } from '../catalog/object-facts.ts';
import type { ManifestObject } from '../dump/manifest.ts';

/** An object with the SQL that makes it, wherever it comes from: a dump or the live target. */
export interface RunnableObject extends Omit<
  ManifestObject,
  'sqlOffset' | 'sqlBytes' | 'facts' | 'resolved' | 'foundByPath' | 'understood' | 'reference' | 'needs'
> {
  readonly facts: ObjectFacts;
  readonly resolved?: readonly string[] | undefined;
  readonly understood?: Understood | undefined;
  readonly foundByPath?: readonly FoundByPath[] | undefined;
  readonly reference?: Reference | undefined;
  readonly needs?: readonly OutsideNeed[] | undefined;
  readonly sql: string;
  /** A function of the target keeps its place and gets this definition. */
  readonly replaces?: true | undefined;
}

/** What is sent to the server to make it. */
export function statementsOf({ sql, replaces }: RunnableObject): string {
  return replaces === true ? sql.replace(/^CREATE (?=FUNCTION |PROCEDURE )/m, 'CREATE OR REPLACE ') : sql;
}
