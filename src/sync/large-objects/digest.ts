import type { ManifestLargeObjects } from '../../dump/manifest.ts';
import { SyncError } from '../../errors/sync-error.ts';
import {
  firstDigest,
  laterChunks,
  laterDigest,
  largeObjectRuns,
} from '../../postgres/large-objects/contents.ts';
import type { ContentsDigest, LaterChunks } from '../../postgres/large-objects/contents.ts';
import { propertyDigests } from '../../postgres/large-objects/properties.ts';
import type { PropertyDigests } from '../../postgres/large-objects/properties.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { Spread } from '../../postgres/team.ts';

export type LargeObjectsDigest = NonNullable<ManifestLargeObjects['digest']>;

/** Digests of other chunks, or made in another way, are never compared. */
const algorithm = 'sha256-256k-hashtextextended-2x64-1';

export interface DigestedLargeObjects {
  readonly objects: number;
  readonly bytes: number;
  readonly digest: LargeObjectsDigest;
}

export function sumContents(digests: readonly ContentsDigest[]): ContentsDigest {
  const sum = (of: (digest: ContentsDigest) => string): string =>
    digests.reduce((total, digest) => total + BigInt(of(digest)), 0n).toString();
  return {
    objects: digests.reduce((total, { objects }) => total + objects, 0),
    bytes: digests.reduce((total, { bytes }) => total + bytes, 0),
    high: sum(({ high }) => high),
    low: sum(({ low }) => low),
  };
}

export function asDigested(contents: ContentsDigest, properties: PropertyDigests): DigestedLargeObjects {
  const { objects, bytes, high, low } = contents;
  return { objects, bytes, digest: { algorithm, contents: { rows: objects, high, low }, ...properties } };
}

/**
 * Digest of all large objects of a database, by the server: contents, owners, privileges, comments and labels. No byte
 * of them travels; memory grows by one line in a thousand objects, and one in 64 MiB of them.
 */
export async function digestLargeObjects(
  spread: Spread,
  options: { readonly signal: AbortSignal; readonly report?: Reporter | undefined },
): Promise<DigestedLargeObjects> {
  const { signal, report } = options;
  const name = 'large objects';
  const digests: ContentsDigest[] = [];
  const later: LaterChunks[] = [];
  let runs: Awaited<ReturnType<typeof largeObjectRuns>> = [];
  let properties: PropertyDigests | null = null;
  await spread([null], async (session) => {
    runs = await largeObjectRuns(session, { signal });
    properties = await propertyDigests(session, { signal });
  });
  await spread(runs, async (session, run, either) => {
    const digest = await firstDigest(session, run, { signal: either });
    digests.push(digest);
    report?.itemAdvanced(name, digest.objects, digest.bytes);
    later.push(...(await laterChunks(session, run, { signal: either })));
  });
  await spread(later, async (session, chunks, either) => {
    digests.push(await laterDigest(session, chunks, { signal: either }));
  });
  if (properties === null) throw new SyncError('INTERNAL', 'Large objects without a digest.');
  return asDigested(sumContents(digests), properties);
}

export interface Compared {
  /** Owners and privileges are as the source has them, not left out. */
  readonly owners: boolean;
  readonly privileges: boolean;
}

/** In what two sets of large objects differ; empty when they are equal. */
export function largeObjectDifferences(
  left: DigestedLargeObjects,
  right: DigestedLargeObjects,
  { owners, privileges }: Compared,
): readonly string[] {
  const same = (part: 'contents' | 'owners' | 'privileges' | 'words'): boolean => {
    const [one, other] = [left.digest[part], right.digest[part]];
    return one.rows === other.rows && one.high === other.high && one.low === other.low;
  };
  return [
    ...(left.objects === right.objects ? [] : [`${left.objects} and ${right.objects} objects`]),
    ...(left.bytes === right.bytes ? [] : [`${left.bytes} and ${right.bytes} bytes`]),
    ...(left.digest.algorithm === right.digest.algorithm && same('contents') ? [] : ['contents']),
    ...(!owners || same('owners') ? [] : ['owners']),
    // The grantor is the owner, so privileges cannot be equal if owners differ.
    ...(!owners || !privileges || same('privileges') ? [] : ['privileges']),
    ...(same('words') ? [] : ['comments or security labels']),
  ];
}

/** 32 hex digits for people and receipts, as for tables. */
export function largeObjectsHex({ contents }: LargeObjectsDigest): string {
  const half = (sum: string): string => BigInt.asUintN(64, BigInt(sum)).toString(16).padStart(16, '0');
  return half(contents.high) + half(contents.low);
}
