import type { ExtensionMember } from '../catalog/model.ts';
import type { ManifestSequence, ManifestTable } from '../dump/manifest.ts';
import type { OutgoingKeys } from './outgoing-keys.ts';
import type { RunnableObject } from './runnable-object.ts';

/** What a target will become: the contents of an open source, or of a dump. */
export interface Offer {
  readonly sourceVersionNum: number;
  /** As the source has them. */
  readonly extensions: readonly { readonly name: string; readonly version: string }[];
  /** What they hold; undefined if the dump does not say. */
  readonly extensionMembers?: readonly ExtensionMember[] | undefined;
  readonly objects: readonly RunnableObject[];
  readonly tables: readonly ManifestTable[];
  readonly sequences: readonly ManifestSequence[];
  /** Foreign keys that refer to tables which the offer does not have. */
  readonly outgoing?: OutgoingKeys | undefined;
}

/** What of the source comes along besides its schema and rows. */
export interface ComesAlong {
  readonly owners: boolean;
  readonly privileges: boolean;
  /** Whether the settings of the source's database replace the target's own. */
  readonly databaseSettings: boolean;
}
