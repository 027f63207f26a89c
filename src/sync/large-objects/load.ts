import { mapRoles } from '../../catalog/map-roles.ts';
import type { RoleMap } from '../../catalog/map-roles.ts';
import type { DumpReader } from '../../dump/dump-reader.ts';
import type { ManifestLargeObjects, Segment } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import type { Session } from '../../postgres/session.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { LargeObjectsReceipt } from '../contract/receipts.ts';
import { digestLargeObjects, largeObjectDifferences, largeObjectsHex } from './digest.ts';
import { runCounted, runPlain } from './run-statements.ts';
import { spreadOver } from '../../postgres/team.ts';

/** How large objects of a dump are to become the target's. */
export interface LargeObjectsTarget {
  readonly owners: boolean;
  readonly privileges: boolean;
  readonly roles: RoleMap;
}

export interface LoadOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
}

const name = 'large objects';

/**
 * Makes the dump's large objects: first every object with its beginning, then the rest of the long ones, then grants,
 * comments and labels. One statement a segment, so no round trip for each object. Memory: a segment (about 1.5 MiB) a
 * session. Errors: TARGET_COPY_FAILED and other target codes, STORAGE_DUMP_DAMAGED.
 */
export async function loadLargeObjects(
  reader: DumpReader,
  sessions: readonly Session[],
  target: LargeObjectsTarget,
  { signal, report }: LoadOptions,
): Promise<void> {
  const { objects, bytes, roles } = reader.manifest.largeObjects;
  if (objects === 0) return;
  report.itemStarted(name, { rows: objects, bytes });
  const spread = spreadOver(sessions, signal);
  const segments = (part: Segment['part']): readonly Segment[] =>
    reader.manifest.segments.filter((segment) => segment.part === part);
  const inTarget = (role: string): string =>
    Object.hasOwn(target.roles, role) ? (target.roles[role] ?? role) : role;
  for (const part of ['objects', 'chunks'] as const) {
    await spread(segments(part), async (session, segment, either) => {
      const sql = await textOf(reader, segment);
      const rows = segment.rows ?? 0;
      const owner = target.owners && segment.owner !== undefined ? inTarget(segment.owner) : null;
      await runCounted(session, { sql, owner, rows }, either);
      report.itemAdvanced(name, part === 'objects' ? rows : 0, Math.floor(sql.length / 2));
    });
  }
  if (target.privileges) {
    const grants = {
      kind: 'privileges',
      name,
      identity: 'privileges on large objects',
      roles: [...roles],
      facts: {},
    };
    await spread(segments('privileges'), async (session, segment, either) => {
      const { sql } = mapRoles({ ...grants, sql: await textOf(reader, segment) }, target.roles);
      await runPlain(session, sql, either);
    });
  }
  await spread(segments('words'), async (session, segment, either) => {
    await runPlain(session, await textOf(reader, segment), either);
  });
  report.itemDone(name);
}

async function textOf(reader: DumpReader, segment: Segment): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of reader.rows(segment)) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * Compares the target's large objects with those of the dump, or with none where they were not copied.
 * MISMATCH_TABLES says in what they differ. Who owns them and what is granted is compared where it was to be as in
 * the source. Null where neither side has any.
 */
export async function verifyLargeObjects(
  sessions: readonly Session[],
  wanted: ManifestLargeObjects & { readonly copied: boolean },
  { owners, privileges, roles }: LargeObjectsTarget,
  { signal, report }: LoadOptions,
): Promise<LargeObjectsReceipt | null> {
  const { copied, digest } = wanted;
  report.itemStarted(name, { rows: wanted.objects, bytes: wanted.bytes });
  const found = await digestLargeObjects(spreadOver(sessions, signal), { signal, report });
  report.itemDone(name);
  if (!copied || digest === null) {
    if (found.objects === 0) return wanted.objects > 0 || wanted.content === 'definition' ? empty : null;
    throw mismatch([`${found.objects} objects where there should be none`]);
  }
  // Digests are of the source's names.
  const asSource = !wanted.roles.some((role) => Object.hasOwn(roles, role));
  const different = largeObjectDifferences({ ...wanted, digest }, found, {
    owners: owners && asSource,
    privileges: privileges && asSource,
  });
  if (different.length > 0) throw mismatch(different);
  const { objects, bytes } = found;
  return { objects, bytes, content: 'source', digest: largeObjectsHex(found.digest), equal: true };
}

const empty: LargeObjectsReceipt = { objects: 0, bytes: 0, content: 'empty', digest: null, equal: true };

function mismatch(different: readonly string[]): SyncError {
  return new SyncError(
    'MISMATCH_TABLES',
    `Large objects differ from the source after loading: ${different.join(', ')}.`,
    { details: { largeObjects: different } },
  );
}
