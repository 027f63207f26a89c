import { isDeepStrictEqual } from 'node:util';
import type { Session } from '../postgres/session.ts';
import { isBuiltCollection } from './collection-names.ts';
import type { ClusterFacts } from './check-cluster.ts';
import type { CollectionConfig } from './collection-config.ts';
import { DocumentDigest } from './document-digest.ts';
import { documentProof, parseDocument } from './document-proof.ts';
import { countOfDocuments, readDocuments } from './read-documents.ts';
import { proofKind } from './export-documents.ts';
import { withRetries } from './retry.ts';
import type { SearchTiming } from './search-deps.ts';
import { call } from './search-node.ts';
import type { SearchNode, SearchNodes } from './search-node.ts';
import { storedDigest } from './verify-collection.ts';

export interface KeepInput {
  readonly nodes: SearchNodes;
  readonly facts: ClusterFacts;
  readonly session: Session;
  readonly side: 'source' | 'target';
  readonly schema: string;
  readonly config: CollectionConfig;
  readonly timing: SearchTiming;
  /** Behind the alias now. */
  readonly live: { readonly name: string; readonly documents: number };
  /** Made empty from the configuration. */
  readonly fresh: string;
}

/**
 * Whether the live collection is what a rebuild would make: one of ours, with the fields and settings of a fresh one,
 * and on every node document for document what the database says, all read back whole. Reads nothing where the
 * numbers of documents tell. Errors: SEARCH_QUERY_FAILED, SEARCH_UNAVAILABLE, AUTH_SEARCH; the signal's reason.
 */
export async function isUnchanged(input: KeepInput, signal: AbortSignal): Promise<boolean> {
  const { nodes, facts, config, timing, live, fresh } = input;
  if (!isBuiltCollection(config.name, live.name) || live.documents === 0) return false;
  const [now, wanted] = await Promise.all(
    [live.name, fresh].map((name) =>
      withRetries(timing.adminAttempts, timing, signal, () => schemaOf(nodes.first, name)),
    ),
  );
  if (now === undefined || wanted === undefined || !sameSchema(wanted, now)) return false;
  if ((await countOfDocuments(input, { signal })) !== live.documents) return false;
  const digest = new DocumentDigest();
  const read = { bytes: 0, rejected: false };
  await readDocuments(
    input,
    {
      onDocument: (id, _hash, json) => {
        read.bytes += json.length;
        digest.add(id, documentProof(parseDocument(json.toString('utf8'))));
      },
      // The build counts them all.
      onRejected: () => {
        read.rejected = true;
      },
    },
    { signal },
  );
  if (read.rejected || proofKind(facts, read.bytes) !== 'contents') return false;
  for (const node of nodes.all) {
    const stored = await storedDigest(node, live.name, 'contents', timing, signal);
    if (digest.differingBuckets(stored).length > 0) return false;
  }
  return true;
}

type Field = Readonly<Record<string, unknown>> & { readonly name: string; readonly type: string };
/** What a server says of a collection. */
export interface ShownSchema {
  readonly fields: readonly Field[];
  readonly settings: unknown;
}

async function schemaOf(node: SearchNode, name: string): Promise<ShownSchema> {
  const shown = await call(node, `Reading collection "${name}"`, () =>
    node.client.collections(name).retrieve(),
  );
  const { default_sorting_field, enable_nested_fields, token_separators, symbols_to_index } = shown;
  return {
    fields: (shown.fields ?? []) as unknown as readonly Field[],
    settings: [default_sorting_field, enable_nested_fields, token_separators, symbols_to_index],
  };
}

/**
 * Whether a collection with documents has the schema of an empty one. The server adds fields for children of objects
 * and for what a pattern meets (docs/facts/typesense.md#fields). Pure.
 */
export function sameSchema(empty: ShownSchema, filled: ShownSchema): boolean {
  if (!isDeepStrictEqual(empty.settings, filled.settings)) return false;
  const found = new Map(filled.fields.map((field) => [field.name, field]));
  if (!empty.fields.every((field) => isDeepStrictEqual(found.get(field.name), field))) return false;
  const configured = new Set(empty.fields.map(({ name }) => name));
  const patterns = empty.fields.filter(({ name, type }) => name.includes('*') || /auto|\*/.test(type));
  const objects = empty.fields.filter(({ type }) => type.startsWith('object'));
  return filled.fields.every(
    ({ name }) =>
      configured.has(name) ||
      patterns.length > 0 ||
      objects.some((object) => name.startsWith(`${object.name}.`)),
  );
}
