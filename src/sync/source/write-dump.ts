import { ddlText, fileHead, fileTail, listed, postDataHead } from '../../dump/ddl-text.ts';
import type { DdlText } from '../../dump/ddl-text.ts';
import { writeTable } from '../../dump/copy-table.ts';
import { DumpFileWriter } from '../../dump/dump-file-writer.ts';
import { writeFileDurably } from '../../dump/files.ts';
import { dumpFormatVersion, manifestText } from '../../dump/manifest.ts';
import type { Manifest, ManifestLargeObjects, ManifestTable, MigrationHistory } from '../../dump/manifest.ts';
import type { DumpPaths } from '../../dump/store.ts';
import { SyncError } from '../../errors/sync-error.ts';
import { withReleasers } from '../../lib/releasers.ts';
import { shareOut } from '../../lib/share-out.ts';
import type { SelectedTable, Selection } from '../../plan/select.ts';
import { inOrderOfRows } from '../../plan/order-of-rows.ts';
import { tableInDump } from '../../plan/table-in-dump.ts';
import { copyOut } from '../../postgres/copy.ts';
import { tableDigest } from '../../postgres/digest.ts';
import type { TableDigest } from '../../postgres/digest.ts';
import { copyToSql } from '../../postgres/rows.ts';
import type { Session } from '../../postgres/session.ts';
import { databaseError } from '../../postgres/sqlstate.ts';
import type { Reporter } from '../../progress/progress.ts';
import { readHistories } from './read-histories.ts';
import { dumpSink } from '../large-objects/dump-sink.ts';
import { readLargeObjects } from '../large-objects/read.ts';
import { openTeam, spreadOver } from '../../postgres/team.ts';
import type { OpenSource } from './open-source.ts';
import { readingError } from './long-rows/check.ts';
import { tableName } from '../../lib/table-name.ts';

export interface WriteDumpInput {
  readonly dumpId: string;
  readonly jobId: string;
  readonly purpose: 'export' | 'backup';
  readonly environment: string;
  /** Of the application's tables, as the environment calls it. */
  readonly schema: string;
  readonly paths: DumpPaths;
  readonly compression: 'none' | 'gzip';
  readonly maxBytes: number;
  readonly workers: number;
  readonly createdBy: string;
}

export interface WriteDumpOptions {
  readonly signal: AbortSignal;
  readonly report: Reporter;
  readonly now: () => number;
}

/** A digest costs the server about this share of what reading the same bytes by COPY does. */
export const digestShare = 0.5;

type Task = { readonly kind: 'rows' | 'digest'; readonly tables: readonly SelectedTable[] };

/**
 * Writes what `selection` holds of an open source into a dump file and its manifest. Any failure or abort removes
 * both. N readers share the snapshot; memory is about two blocks (8 MiB) a reader, whatever the tables' sizes.
 * Errors: those of reading the source, SOURCE_SNAPSHOT_LOST, STORAGE_FULL, STORAGE_UNUSABLE.
 */
export async function writeDump(
  source: OpenSource,
  selection: Selection,
  input: WriteDumpInput,
  given: WriteDumpOptions,
): Promise<Manifest> {
  const options = { ...given, signal: AbortSignal.any([given.signal, source.signal]) };
  const startedAt = options.now();
  const writer = await DumpFileWriter.create({
    path: input.paths.file,
    compression: input.compression,
    maxBytes: input.maxBytes,
  });
  try {
    const pre = preDataOf(source, selection, input);
    await writer.append({ section: 'pre-data' }, [pre.text]);
    const largeObjects = await writeLargeObjects(source, selection, writer, input.workers, options);
    const tables = await writeRows(source, selection, writer, input.workers, options);
    const post = ddlText(
      selection.objects.filter(({ section }) => section === 'post-data'),
      { head: postDataHead, tail: fileTail },
    );
    await writer.append({ section: 'post-data' }, [post.text]);
    const { histories } = await readHistories(source.leader, source.model, options);
    // Without its locks a table may have been emptied or rewritten, which no snapshot shows.
    await source.prove();
    const file = await writer.finish();
    const durationMs = options.now() - startedAt;
    const objects = [...pre.objects, ...post.objects];
    const written = { objects, tables, largeObjects, histories, file, durationMs };
    const manifest = manifestOf(source, selection, input, written);
    options.signal.throwIfAborted();
    await writeFileDurably(input.paths.manifest, manifestText(manifest));
    return manifest;
  } catch (error) {
    await writer.discard();
    throw databaseError(error, 'source', `Reading "${input.environment}"`);
  }
}

function preDataOf(
  { model, snapshot }: OpenSource,
  { objects }: Selection,
  { dumpId }: WriteDumpInput,
): DdlText {
  const { version: serverVersion } = model.server;
  const head = fileHead({ dumpId, serverVersion, encoding: 'UTF8', takenAt: snapshot.takenAt });
  return ddlText(
    objects.filter(({ section }) => section === 'pre-data'),
    { head, tail: '' },
  );
}

/** What is known when the file is complete. */
interface Written extends Pick<Manifest, 'objects' | 'tables' | 'largeObjects' | 'durationMs'> {
  readonly histories: readonly MigrationHistory[];
  readonly file: Awaited<ReturnType<DumpFileWriter['finish']>>;
}

function manifestOf(
  { model, snapshot, masked }: OpenSource,
  selection: Selection,
  input: WriteDumpInput,
  { objects, tables, largeObjects, histories, file: { segments, ...file }, durationMs }: Written,
): Manifest {
  const { server, extensionMembers } = model;
  return {
    formatVersion: dumpFormatVersion,
    dumpId: input.dumpId,
    purpose: input.purpose,
    createdBy: input.createdBy,
    jobId: input.jobId,
    source: {
      environment: input.environment,
      schema: input.schema,
      database: server.databaseName,
      systemIdentifier: server.systemIdentifier,
      serverVersion: server.version,
      serverVersionNum: server.versionNum,
      encoding: server.encoding,
      collation: server.collation,
      characterType: server.characterType,
    },
    snapshot: { takenAt: snapshot.takenAt.toISOString(), lsn: snapshot.lsn },
    options: { compression: input.compression, workers: input.workers },
    file: { name: input.paths.file.split('/').at(-1) ?? '', ...file },
    rows: tables.reduce((sum, { rows }) => sum + rows, 0),
    rawBytes: tables.reduce((sum, { rawBytes }) => sum + rawBytes, 0),
    durationMs,
    ...(masked === null ? {} : { masking: masked.told }),
    ...(model.restriction === null ? {} : { schemas: model.restriction.schemas }),
    extensions: model.extensions,
    ...(extensionMembers.length === 0 ? {} : { extensionMembers }),
    objects,
    tables,
    sequences: model.sequences.filter(({ id }) => selection.objects.some((object) => object.id === id)),
    largeObjects,
    ...outgoingOf(selection),
    ...(histories.length === 0 ? {} : { migrations: histories }),
    segments,
  };
}

function outgoingOf({ outgoing: { objects, tables } }: Selection): Pick<Manifest, 'outgoing'> {
  if (objects.length === 0) return {};
  const keys = objects.map((object) => ({ ...listed(object), sql: object.sql }));
  return { outgoing: { objects: keys, tables: [...tables] } };
}

async function writeLargeObjects(
  source: OpenSource,
  selection: Selection,
  writer: DumpFileWriter,
  workers: number,
  options: WriteDumpOptions,
): Promise<ManifestLargeObjects> {
  const { count, bytes } = source.model.largeObjects;
  if (!selection.largeObjects || count === 0) {
    const content = selection.largeObjects ? 'rows' : 'definition';
    return { content, objects: 0, bytes: 0, roles: [], digest: null };
  }
  const name = 'large objects';
  options.report.itemStarted(name, { rows: count, bytes });
  try {
    const written = await withReleasers(async (releasers) => {
      const sessions = await openTeam(source, workers, releasers, options);
      return readLargeObjects(spreadOver(sessions, options.signal), dumpSink(writer), options);
    });
    options.report.itemDone(name);
    return written;
  } catch (error) {
    options.signal.throwIfAborted();
    throw databaseError(error, 'source', 'Reading large objects');
  }
}

/** Copies and digests tables, the largest first, with N sessions on one snapshot. */
async function writeRows(
  source: OpenSource,
  selection: Selection,
  writer: DumpFileWriter,
  workers: number,
  options: WriteDumpOptions,
): Promise<readonly ManifestTable[]> {
  const written = new Map<string, { rows: number; rawBytes: number }>();
  const digests = new Map<string, TableDigest>();
  const bySize = selection.tables.filter(({ policy }) => policy === 'sync').sort((a, b) => b.bytes - a.bytes);
  // Values of other tables may need the rows of extensions to be read again: psql takes the file from top to bottom.
  const ofExtensions = bySize.filter(({ extensionConfig }) => extensionConfig);
  const first: Task = {
    kind: 'rows',
    tables: inOrderOfRows(selection.objects, ofExtensions, (table) => table),
  };
  const tasks = bySize.flatMap((table): Task[] => [
    ...(table.extensionConfig ? [] : [{ kind: 'rows', tables: [table] } as const]),
    { kind: 'digest', tables: [table] },
  ]);
  const work = async (session: Session, task: Task, signal: AbortSignal): Promise<void> => {
    const doing = task.kind === 'rows' ? 'Copying' : 'Computing the digest of';
    for (const table of task.tables) {
      try {
        if (task.kind === 'rows')
          written.set(table.id, await writeOne(session, writer, table, { ...options, signal }));
        else digests.set(table.id, await digestOne(session, table, { ...options, signal }));
      } catch (error) {
        signal.throwIfAborted();
        const what = `${doing} table ${tableName(table)}`;
        throw await readingError(error, { session, side: 'source', table, what }, { signal });
      }
    }
  };
  await withReleasers(async (releasers) => {
    const count = Math.min(workers, tasks.length);
    const sessions = await openTeam(source, count, releasers, options);
    if (first.tables.length > 0) await shareOut([first], sessions.slice(0, 1), work, options.signal);
    await shareOut(tasks, sessions, work, options.signal);
  });
  const tables = selection.tables.map((table) =>
    manifestTable(table, written.get(table.id), digests.get(table.id)),
  );
  for (const { schema, name, rows, digest } of tables) {
    if (digest === null || digest.rows === rows) continue;
    throw new SyncError(
      'SOURCE_COPY_FAILED',
      `Table ${tableName({ schema, name })} gave ${rows} rows by COPY and ${digest.rows} to the digest, in ` +
        'one snapshot.',
    );
  }
  return tables;
}

async function writeOne(
  session: Session,
  writer: DumpFileWriter,
  table: SelectedTable,
  options: WriteDumpOptions,
): Promise<{ rows: number; rawBytes: number }> {
  const { report, signal } = options;
  const name = tableName(table);
  report.itemStarted(name, { rows: table.rowsEstimated, bytes: table.bytes });
  const target = manifestTable(table, undefined, undefined);
  const total = await copyOut(session, copyToSql(table), { signal }, (rows) =>
    writeTable(writer, target, rows, (count, bytes) => report.itemAdvanced(name, count, bytes)),
  );
  report.itemDone(name);
  return total;
}

async function digestOne(
  session: Session,
  table: SelectedTable,
  options: WriteDumpOptions,
): Promise<TableDigest> {
  const name = `${tableName(table)} (digest)`;
  options.report.itemStarted(name, { rows: null, bytes: Math.round(table.bytes * digestShare) });
  const digest = await tableDigest(session, table, { signal: options.signal });
  options.report.itemAdvanced(name, 0, Math.round(table.bytes * digestShare));
  options.report.itemDone(name);
  return digest;
}

function manifestTable(
  table: SelectedTable,
  written: { rows: number; rawBytes: number } | undefined,
  digest: TableDigest | undefined,
): ManifestTable {
  return tableInDump(table, {
    content: table.policy === 'sync' ? 'rows' : 'definition',
    rows: written?.rows ?? 0,
    rawBytes: written?.rawBytes ?? 0,
    digest: digest ?? null,
  });
}
