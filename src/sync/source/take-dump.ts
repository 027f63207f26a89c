import { resolve } from 'node:path';
import { DumpReader } from '../../dump/dump-reader.ts';
import type { Manifest } from '../../dump/manifest.ts';
import { newDumpPaths, pathsBeside, removeDump } from '../../dump/store.ts';
import type { DumpPaths } from '../../dump/store.ts';
import type { Masking } from '../../environments/masking.ts';
import type { Environment } from '../../environments/environment.ts';
import type { TablePolicyRule } from '../../environments/table-policy.ts';
import type { Releasers } from '../../lib/releasers.ts';
import { select } from '../../plan/select.ts';
import type { Selection } from '../../plan/select.ts';
import type { Reporter } from '../../progress/progress.ts';
import type { Run } from '../contract/run.ts';
import { refuseMissingSchemas } from './missing-schemas.ts';
import { openSource } from './open-source.ts';
import type { OpenSource } from './open-source.ts';
import { digestShare, writeDump } from './write-dump.ts';
import { untriedWarnings } from '../ends/tried-servers.ts';
import type { DumpReceipt } from '../contract/receipts.ts';
import { version } from '../../lib/version.ts';

export interface TakeDumpInput {
  readonly environment: Environment;
  readonly purpose: 'export' | 'backup';
  readonly compression: 'none' | 'gzip';
  readonly workers: number;
  readonly policies: readonly TablePolicyRule[];
  /** What may stay out of the dump because it cannot be carried. */
  readonly leaveOut: readonly string[];
  /** What has to stay out of it. */
  readonly omit?: readonly string[] | undefined;
  readonly secrets: boolean;
  readonly tablespaces: boolean;
  /** Command line only: where to put the file. */
  readonly output?: string | undefined;
}

export interface TakenDump {
  readonly manifest: Manifest;
  readonly paths: DumpPaths;
  readonly receipt: DumpReceipt;
}

/** Expected work of writing a dump, bytes: reading each table, and its digest. */
export function dumpWorkBytes(source: OpenSource, selection: Selection): number {
  const bytes = selection.tables
    .filter(({ policy }) => policy === 'sync')
    .reduce((sum, table) => sum + table.bytes, selection.largeObjects ? source.model.largeObjects.bytes : 0);
  return Math.round(bytes * (1 + digestShare)) + source.model.objects.length;
}

/**
 * Dumps an open source into the catalogue, or a file the command line names, and reads it back: whole file against its
 * SHA-256. The caller has announced the step that reads; `readback` names the step of the second part, if any.
 */
export async function takeDump(
  run: Run,
  source: OpenSource,
  selection: Selection,
  input: TakeDumpInput,
): Promise<TakenDump> {
  const startedAt = run.now();
  const kind = source.masked === null ? input.purpose : `${input.purpose}-masked`;
  const dumpId = `${input.environment.name}-${kind}-${run.id}`;
  const paths =
    input.output === undefined
      ? await newDumpPaths(run.config, {
          id: dumpId,
          purpose: input.purpose,
          compression: input.compression,
        })
      : pathsBeside(input.output);
  const output = input.output === undefined ? undefined : resolve(input.output);
  await run.journal.write({ entry: 'dump', dumpId, purpose: input.purpose, output });
  const manifest = await writeDump(
    source,
    selection,
    {
      dumpId,
      jobId: run.id,
      purpose: input.purpose,
      environment: input.environment.name,
      schema: input.environment.schema,
      paths,
      compression: input.compression,
      maxBytes: run.config.dumps.maxBytes,
      workers: input.workers,
      createdBy: `multiboard-sync ${version}`,
    },
    run,
  );
  return { manifest, paths, receipt: dumpReceipt(manifest, paths, (run.now() - startedAt) / 1000) };
}

/** Reads a dump back from the disk. If it cannot be read, it is removed, and the error is thrown. */
export async function readBack({ report, signal }: Run, dump: TakenDump): Promise<void> {
  try {
    await using reader = await DumpReader.open(dump.paths.file, dump.manifest);
    const name = dump.manifest.dumpId;
    report.itemStarted(name, { bytes: dump.manifest.file.bytes });
    await reader.verify({
      signal,
      onRead: (bytes) => report.itemAdvanced(name, 0, bytes),
    });
    report.itemDone(name);
  } catch (error) {
    await removeDump(dump.paths);
    throw error;
  }
}

/**
 * Opens a source and applies policies; closed by the releasers. `of` begins each sentence for the log, where another
 * database of the run may have the same to say.
 */
export async function openAndSelect(
  run: Run,
  releasers: Releasers,
  /** `masking`: null where the dump stays the environment's own, and has to be as it is. */
  input: TakeDumpInput & { readonly masking: Masking | null },
  of: string | null = null,
): Promise<{ readonly source: OpenSource; readonly selection: Selection }> {
  const source = await openSource(run, input);
  releasers.defer(() => source[Symbol.asyncDispose]());
  if (of === null) refuseMissingSchemas(source.model, input.environment.name);
  const { policies: rules, leaveOut, omit } = input;
  const selection = select(source.model, { rules, leaveOut, omit });
  const begin = of === null ? '' : `${of}: `;
  warnLeftOut(run.report, selection.named, of);
  // Of a run's target the checks have said it.
  const server =
    of === null ? untriedWarnings(source.model.server, `The server of "${input.environment.name}"`) : [];
  for (const sentence of [...server, ...source.notes, ...selection.leftOut])
    run.report.log('warn', `${begin}${sentence}`);
  return { source, selection };
}

export function warnLeftOut(report: Reporter, identities: readonly string[], of: string | null = null): void {
  if (identities.length === 0) return;
  report.log('warn', `${of === null ? '' : `${of}: `}Objects are left out, as the options say.`, {
    objects: identities.join(', '),
  });
}

export function dumpReceipt(manifest: Manifest, paths: DumpPaths, seconds: number): DumpReceipt {
  return {
    dumpId: manifest.dumpId,
    file: paths.file,
    manifest: paths.manifest,
    tables: manifest.tables.length,
    rows: manifest.rows,
    bytes: manifest.file.bytes,
    sha256: manifest.file.sha256,
    seconds,
    ...(manifest.masking === undefined ? {} : { masking: manifest.masking }),
  };
}
