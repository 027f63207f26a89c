import type { FoundByPath, Reference, Understood } from '../catalog/model.ts';
import type { ObjectFacts } from '../catalog/object-facts.ts';
import type { ManifestObject } from '../dump/manifest.ts';

/** An object with the SQL that makes it, wherever it comes from: a dump or the live target. */
export interface RunnableObject extends Omit<
  ManifestObject,
  'sqlOffset' | 'sqlBytes' | 'facts' | 'resolved' | 'foundByPath' | 'understood' | 'reference'
> {
  readonly facts: ObjectFacts;
  readonly resolved?: readonly string[] | undefined;
  readonly understood?: Understood | undefined;
  readonly foundByPath?: readonly FoundByPath[] | undefined;
  readonly reference?: Reference | undefined;
  readonly sql: string;
}
