import { readFile } from 'node:fs/promises';
import { manifestSchema, unseal } from '../../../src/dump/manifest.ts';
import type { Manifest, Segment } from '../../../src/dump/manifest.ts';

/** What an uncompressed dump of ours says, without its times and ids. */
export interface DumpFileContent {
  /** In the order of the file. */
  readonly objects: readonly { readonly identity: string; readonly sql: string }[];
  /** Head of COPY → its lines, sorted: blocks come as the readers were ready. */
  readonly rows: Readonly<Record<string, readonly string[]>>;
}

export async function dumpFileContent(file: string): Promise<DumpFileContent> {
  const bytes = await readFile(file);
  const { manifest } = unseal(
    JSON.parse(await readFile(`${file}.manifest.json`, 'utf8')) as Record<string, unknown>,
  );
  const { objects, segments } = manifestSchema.parse(manifest) satisfies Manifest;
  const textOf = (segment: Segment): Buffer => bytes.subarray(segment.offset, segment.offset + segment.bytes);
  const rows: Record<string, string[]> = {};
  for (const segment of segments.filter(({ section }) => section === 'data')) {
    const [head = '', ...lines] = textOf(segment).toString('latin1').split('\n');
    rows[head] = [...(rows[head] ?? []), ...lines].sort();
  }
  return {
    objects: objects.map(({ identity, section, sqlOffset, sqlBytes }) => {
      const segment = segments.find((candidate) => candidate.section === section);
      if (segment === undefined) throw new Error(`no segment for ${section}`);
      return {
        identity,
        sql: textOf(segment)
          .subarray(sqlOffset, sqlOffset + sqlBytes)
          .toString(),
      };
    }),
    rows,
  };
}
