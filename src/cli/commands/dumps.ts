import type { Command } from 'commander';
import type { DumpSummary } from '../../dump/store.ts';
import { asSyncError } from '../../errors/sync-error.ts';
import { bytesInWords, countInWords } from '../../progress/words.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { painter, safe, table } from '../render/text.ts';
import { tableName } from '../../lib/table-name.ts';

export function addDumps(program: Command, deps: CommandDeps): void {
  const dumps = program.command('dumps').description('list, show and remove dumps');
  dumps
    .command('list', { isDefault: true })
    .description('dumps, newest first')
    .action(action(deps, async (context) => listOutcome(context, await list(context))));
  dumps
    .command('show')
    .description('one dump with its tables')
    .argument('<id>')
    .action(action(deps, (context, [id = '']) => show(context, id)));
  dumps
    .command('delete')
    .description('remove a dump and its manifest')
    .argument('<id>')
    .action(
      action(deps, async (context, [id = '']) => {
        await remove(context, id);
        return { fields: { deleted: id }, text: `Dump ${id} is removed.\n` };
      }),
    );
}

/**
 * A service that runs on this data directory knows what waits in its queue, so it is asked; the runs of the command
 * line say in the data directory what they need.
 */
async function remove(context: Context, id: string): Promise<void> {
  const address = `/api/dumps/${encodeURIComponent(id)}`;
  const service = context.service ?? context.namedService();
  try {
    if (service !== null) {
      await service.delete(address);
      return;
    }
  } catch (error) {
    // One that died left its address behind.
    const { code } = asSyncError(error);
    if (context.service !== null || (code !== 'CONFIG_SERVICE_UNREACHABLE' && code !== 'AUTH_KEY_MISSING'))
      throw error;
  }
  const { removeUnusedDump } = await import('../../sync/dumps/dump-uses.ts');
  await removeUnusedDump(context.config(), id, new Map());
}

async function list(context: Context): Promise<readonly DumpSummary[]> {
  if (context.service !== null) {
    const { dumps } = (await context.service.get('/api/dumps')) as { readonly dumps: readonly DumpSummary[] };
    return dumps;
  }
  const { listDumps } = await import('../../dump/store.ts');
  return listDumps(context.config(), (name) => {
    context.say(`warn: the manifest ${name} cannot be read; that dump is not shown.`);
  });
}

function listOutcome({ colour }: Context, dumps: readonly DumpSummary[]): Outcome {
  const lines = table(
    [
      { title: 'Id' },
      { title: 'What' },
      { title: 'Environment' },
      { title: 'Taken (UTC)' },
      { title: 'Rows', side: 'right' },
      { title: 'Size', side: 'right' },
    ],
    dumps.map((dump) => [
      dump.id,
      dump.purpose,
      dump.environment,
      dump.createdAt.slice(0, 19).replace('T', ' '),
      countInWords(dump.rows),
      bytesInWords(dump.bytes),
    ]),
    painter(colour.data),
  );
  const text =
    dumps.length === 0
      ? 'There is no dump yet: multiboard-sync export <environment> writes one.'
      : lines.join('\n');
  return { fields: { dumps }, text: `${text}\n` };
}

interface ShownDump {
  readonly facts: Readonly<Record<string, unknown>>;
  readonly contents: readonly { readonly schema: string; readonly name: string; readonly rows: number }[];
}

async function show(context: Context, id: string): Promise<Outcome> {
  const { facts, contents } = await readDump(context, id);
  const lines = [
    ...Object.entries(facts).map(
      ([name, value]) =>
        `${name.padEnd(14)}${safe(typeof value === 'string' ? value : JSON.stringify(value))}`,
    ),
    '',
    ...table(
      [{ title: 'Table' }, { title: 'Rows', side: 'right' }],
      contents.map((one) => [tableName(one), countInWords(one.rows)]),
      painter(context.colour.data),
    ),
  ];
  return { fields: { ...facts, contents }, text: `${lines.join('\n')}\n` };
}

async function readDump({ service, config }: Context, id: string): Promise<ShownDump> {
  if (service !== null) {
    const { contents, ...facts } = (await service.get(`/api/dumps/${encodeURIComponent(id)}`)) as Record<
      string,
      unknown
    >;
    return { facts, contents: contents as ShownDump['contents'] };
  }
  const { findDump } = await import('../../dump/store.ts');
  const { paths, manifest } = await findDump(config(), id);
  const { dumpId, purpose, jobId, source, snapshot, file, rows, options, objects, tables } = manifest;
  return {
    facts: {
      id: dumpId,
      purpose,
      environment: source.environment,
      createdAt: snapshot.takenAt,
      jobId,
      file: paths.file,
      manifest: paths.manifest,
      rows,
      bytes: file.bytes,
      sha256: file.sha256,
      compression: options.compression,
      serverVersion: source.serverVersion,
      objects: objects.length,
    },
    contents: tables.map(({ schema, name, rows: tableRows, content }) => ({
      schema,
      name,
      rows: tableRows,
      content,
    })),
  };
}
