import { sameDefinition, toleranceBetween } from '../../catalog/comparison/definitions.ts';
import { resolvedDifference } from '../../catalog/comparison/resolved.ts';
import { understoodDifference } from '../../catalog/comparison/understood.ts';
import { renamedIdentity } from '../../catalog/comparison/renamed-schema.ts';
import { memberFault } from '../../catalog/extensions/extension-members.ts';
import { isPartOfExtension } from '../../catalog/extensions/part-of-extension.ts';
import { isInitialOfPublic, isOfPublicItself } from '../../catalog/schemas/public-schema.ts';
import { unsupportedText } from '../../catalog/unsupported/unsupported.ts';
import type { CatalogModel } from '../../catalog/model.ts';
import { isOfLargeObjects } from '../../catalog/large-objects/large-objects.ts';
import { readCatalog } from '../../catalog/read-catalog.ts';
import type { CatalogScope } from '../../catalog/catalog-scope.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { ImportPlan } from '../../plan/import-plan.ts';
import { membersFound } from '../../plan/expected-members.ts';
import { isSettled } from '../../plan/without.ts';
import { ofSchemaItself } from '../../plan/schema-itself.ts';
import type { RunnableObject } from '../../plan/runnable-object.ts';
import type { Session } from '../../postgres/session.ts';

/** What must be read of a target to compare it with what a plan makes; `end`: whose names the schemas have now. */
export function inventoryScope(
  { objects, schemas }: Pick<ImportPlan, 'objects' | 'schemas'>,
  end: 'source' | 'target',
): CatalogScope {
  return {
    secrets: objects.some(({ kind }) => kind === 'subscription'),
    schemas: schemas?.[end] ?? null,
    withHanging: true,
  };
}

/** The catalogue of the loaded database, in one snapshot. */
export async function readInventory(
  session: Session,
  plan: Pick<ImportPlan, 'objects' | 'schemas'>,
  end: 'source' | 'target',
  options: { readonly signal: AbortSignal },
): Promise<CatalogModel> {
  const scope = inventoryScope(plan, end);
  if (session.inTransaction) return readCatalog(session, scope, options);
  await session.execute('BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY', options);
  const model = await readCatalog(session, scope, options);
  await session.execute('COMMIT', options);
  return model;
}

export interface Inventory extends Pick<
  ImportPlan,
  'objects' | 'members' | 'leftOutKinds' | 'fromTarget' | 'names' | 'staying' | 'uncompared'
> {
  /** Of the server that wrote the dump's definitions. */
  readonly sourceVersionNum: number;
  /** Schemas that are not the source's, while its names hold. */
  readonly othersUnderSource: readonly string[];
}

/**
 * Compares the loaded database with the plan; where a schema gets another name, only the objects of the dump, under
 * the source's names (the target's own ones: `verifyFromTarget`). Returns what the target's own extension scripts make
 * otherwise (notesOfOwnWays).
 */
export async function verifyInventory(
  readAll: () => Promise<CatalogModel>,
  whole: Inventory,
): Promise<OwnWays> {
  const { names, fromTarget, objects } = withoutMerged(whole);
  const model = compared(await readAll(), whole);
  if (names === null) return inventoryDifferences(model, { ...whole, objects });
  const own = objects.filter(({ id }) => fromTarget.has(id));
  const fromDump = objects.filter(({ id }) => !fromTarget.has(id));
  const renamed = { left: names.source, right: names.target };
  const others = new Set(own.map(({ identity }) => renamedIdentity(identity, renamed)));
  const wanted = new Set(fromDump.map(({ identity }) => identity));
  return inventoryDifferences(
    {
      ...model,
      objects: model.objects.filter(
        (object) =>
          wanted.has(object.identity) ||
          (!whole.othersUnderSource.includes(object.schema ?? '') &&
            !others.has(object.identity) &&
            // The schema public that stands for the source's has no comment, which is said of no other schema.
            !(object.kind === 'comment' && isOfPublicItself(object))),
      ),
    },
    { ...whole, objects: fromDump },
  );
}

/** Compares the target's own objects, which are written in its names. Without other names they are compared already. */
export async function verifyFromTarget(
  readAll: () => Promise<CatalogModel>,
  whole: Inventory,
): Promise<void> {
  const fromTarget = withoutMerged(whole).objects.filter(({ id }) => whole.fromTarget.has(id));
  if (whole.names === null || fromTarget.length === 0) return;
  const own = new Set(fromTarget.map(({ identity }) => identity));
  const model = compared(await readAll(), whole);
  inventoryDifferences(
    { ...model, objects: model.objects.filter(({ identity }) => own.has(identity)), unsupported: [] },
    { ...whole, objects: fromTarget, members: null },
  );
}

/** Objects whose statements the server merges cannot be compared one by one. */
function mergedIn({ objects, uncompared }: Inventory): ReadonlySet<string> {
  return new Set(objects.filter(({ id }) => uncompared.has(id)).map(({ identity }) => identity));
}

function withoutMerged(whole: Inventory): Inventory {
  const merged = mergedIn(whole);
  return { ...whole, objects: whole.objects.filter(({ identity }) => !merged.has(identity)) };
}

/** What of a catalogue is compared: not what stays, nor what is merged. */
function compared(model: CatalogModel, whole: Inventory): CatalogModel {
  const merged = mergedIn(whole);
  // A schema that was there before keeps what is said of it.
  const itself = ofSchemaItself(model.objects, model.restriction?.schemas ?? []);
  const coming = new Set(whole.objects.map(({ identity }) => identity));
  return {
    ...model,
    objects: model.objects.filter(
      ({ id, identity }) =>
        !whole.staying.has(id) && !merged.has(identity) && (!itself.has(id) || coming.has(identity)),
    ),
    unsupported: model.unsupported.filter((object) => !isSettled(object, [], whole.staying)),
  };
}

/** What the target's extension scripts make otherwise than in the source: words that name each. */
export interface OwnWays {
  /** Parts of extensions' tables. */
  readonly parts: readonly string[];
  readonly members: readonly string[];
}

/** What the target's extensions make otherwise than the source's, for log and receipt; `verify` names it as well. */
export function notesOfOwnWays({ parts, members }: OwnWays): readonly string[] {
  return [
    ...(parts.length === 0
      ? []
      : [
          'Some extensions of the target define parts of their tables in another way than in the source; they ' +
            `stay as the target’s extensions made them: ${parts.join(', ')}.`,
        ]),
    ...(members.length === 0
      ? []
      : [
          'Some extensions of the target hold something else than those of the source, though they have the same ' +
            `version; it stays as the target’s extensions made it: ${members.join(', ')}.`,
        ]),
  ];
}

/** Kinds with secrets. They are read only if the role may read them and the options ask for them. */
const kindsWithSecrets = new Set(['subscription', 'user mapping']);

interface Expected extends Pick<ImportPlan, 'objects' | 'members' | 'leftOutKinds' | 'fromTarget'> {
  readonly sourceVersionNum: number;
}

/**
 * Compares a catalogue with what was to be created: every object, none missing, none more and none different (docs:
 * verification.md, "Definitions"). Kinds the options leave out (owner, privileges) are compared only when they were
 * asked for. MISMATCH_TABLES names each difference. On an extension's relations, objects may be additional or
 * different, or missing if the extension has another version, because the target's own script made them: those
 * differences are returned.
 */
function inventoryDifferences(
  model: CatalogModel,
  { objects, members, leftOutKinds, fromTarget, sourceVersionNum }: Expected,
): OwnWays {
  // Values of sequences are compared as values (verifySequences, setKeptSequences), large objects by digests.
  const isCompared = (object: RunnableObject | CatalogModel['objects'][number]): boolean =>
    object.kind !== 'sequence value' &&
    object.facts.onlyState !== true &&
    object.facts.member === undefined &&
    !leftOutKinds.has(object.kind) &&
    // Grants are written as differences from the owner's default rights, so they cannot be compared between different
    // owners.
    !(object.kind === 'privileges' && leftOutKinds.has('owner')) &&
    !isOfLargeObjects(object);
  const wanted = new Map(objects.filter(isCompared).map((object) => [object.identity, object]));
  const found = new Map(model.objects.filter(isCompared).map((object) => [object.identity, object]));
  const [isPart, isPartThere] = [isPartOfExtension(objects), isPartOfExtension(model.objects)];
  const different = [...wanted].flatMap(([identity, object]): readonly Found[] => {
    const other = found.get(identity);
    if (other === undefined || kindsWithSecrets.has(object.kind)) return [];
    const writtenBy = fromTarget.has(object.id) ? model.server.versionNum : sourceVersionNum;
    const tolerance = { ...toleranceBetween(writtenBy, model.server.versionNum), byMeaning: true };
    const sides = { left: 'as it was', right: 'as it was made' };
    const meaning =
      understoodDifference(object.understood, other.understood, sides) ??
      resolvedDifference(
        { resolved: object.resolved, versionNum: writtenBy },
        { resolved: other.resolved, versionNum: model.server.versionNum },
        sides,
      );
    const isEqual = sameDefinition(object, other, tolerance);
    if (meaning === null && isEqual) return [];
    return [{ text: `${identity} ${meaning ?? 'is different'}`, ofExtension: isPart(object) }];
  });
  const differences: readonly Found[] = [
    ...memberFaults(objects, model, leftOutKinds),
    ...[...wanted]
      .filter(([identity]) => !found.has(identity))
      .map(([identity, object]) => ({ text: `${identity} is missing`, ofExtension: isPart(object) })),
    ...different,
    ...[...found]
      .filter(([identity, object]) => !wanted.has(identity) && !isGiven(object, model))
      .map(([identity, object]) => ({ text: `${identity} is too many`, ofExtension: isPartThere(object) })),
  ];
  const held =
    members === null
      ? { missing: [], others: [] }
      : membersFound(members, model.extensionMembers, {
          source: sourceVersionNum,
          target: model.server.versionNum,
        });
  const all = [
    ...held.missing.map((name) => `${name} is missing`),
    ...differences.filter(({ ofExtension }) => !ofExtension).map(({ text }) => text),
    ...model.unsupported.map((object) => `${unsupportedText(object)} is too many`),
  ];
  if (all.length === 0) return { parts: differences.map(({ text }) => text), members: held.others };
  throw new SyncError('MISMATCH_TABLES', `${all.length} object(s) differ after loading: ${all.join('; ')}.`, {
    details: { objects: all },
  });
}

/** Changed members of extensions. If the target's extension has another version, its members are its own. */
function memberFaults(
  objects: readonly RunnableObject[],
  { extensionMembers }: CatalogModel,
  leftOutKinds: ReadonlySet<string>,
): readonly Found[] {
  const members = new Map(extensionMembers.map((member) => [member.identity, member]));
  return objects.flatMap((object): Found[] => {
    const { member } = object.facts;
    if (member === undefined || leftOutKinds.has(object.kind)) return [];
    const fault = memberFault(object, member, members);
    return fault === null ? [] : [{ text: fault.text, ofExtension: fault.ofVersion }];
  });
}

interface Found {
  readonly text: string;
  /** It is on a table that an extension makes, or says who owns such a thing. */
  readonly ofExtension: boolean;
}

/**
 * Before 15, schema public of a new database belongs to the role that made the server, and everybody may create in
 * it. Sources from 15 on do not say so, and not every role may revoke it.
 */
function isGiven(object: CatalogModel['objects'][number], { server }: CatalogModel): boolean {
  return isInitialOfPublic(object, server.versionNum);
}
