import type { CatalogModel } from '../../../catalog/model.ts';
import { SyncError } from '../../../errors/sync-error.ts';
import type { Selection } from '../../../plan/select.ts';
import type { Database } from '../../../postgres/database.ts';
import type { OpenSource } from '../../source/open-source.ts';
import { anyBytes, judgeEncodings } from './judge.ts';
import { findUnfit, unfitObjects } from './unfit.ts';
import type { Unfit } from './unfit.ts';

/**
 * Whether every text of the source is valid and has a place in the target's encoding: SOURCE_ENCODING and
 * TARGET_ENCODING name tables with their columns, and objects. Returns sentences about encodings and locales.
 */
export async function checkEncodings(
  source: OpenSource,
  selection: Selection,
  target: CatalogModel,
  names: { readonly source: string; readonly target: string },
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  const { mustFit, warnings } = judgeEncodings(source.model.server, target.server, names);
  if (mustFit === null) return warnings;
  const { encoding } = target.server;
  const passed = await refuseUnfit(source, selection, mustFit, { ...names, encoding }, signal);
  return [...warnings, ...passed];
}

/** The same for a source that is only read into a dump, whose texts are UTF-8. SOURCE_ENCODING. */
export async function checkReadableSource(
  source: OpenSource,
  selection: Selection,
  name: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  if (source.model.server.encoding !== anyBytes) return [];
  return refuseUnfit(source, selection, 'UTF8', { source: name, target: '', encoding: 'UTF8' }, signal);
}

async function refuseUnfit(
  source: OpenSource,
  selection: Selection,
  mustFit: string,
  names: { readonly source: string; readonly target: string; readonly encoding: string },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const looking = { side: 'source', signal } as const;
  const tables = selection.tables.filter(({ policy }) => policy === 'sync');
  const [unfit, objects] = await source.database.withSession(
    async (session) =>
      [
        await findUnfit(session, tables, mustFit, looking),
        await unfitObjects(session, selection.objects, mustFit, looking),
      ] as const,
    signal,
  );
  const { found } = unfit;
  if (found.length > 0 || objects.length > 0) {
    const noText = mustFit === 'UTF8';
    const fact = noText
      ? `"${names.source}" is ${source.model.server.encoding} and holds bytes that are not UTF-8, ` +
        'but rows are read as UTF-8'
      : `The encoding of "${names.target}" (${names.encoding}) has no place for characters of "${names.source}"`;
    throw new SyncError(
      noText ? 'SOURCE_ENCODING' : 'TARGET_ENCODING',
      `${fact}: ${[...found, ...objects].join(', ')}.`,
      { details: { tables: found, objects } },
    );
  }
  return passedOver(unfit, names.source);
}

/**
 * Whether tables of the target itself can be read, for its safety copy or to keep their rows: an SQL_ASCII database
 * may hold bytes that are no text. TARGET_ENCODING names tables with their columns.
 */
export async function checkReadableTexts(
  database: Database,
  name: string,
  { server }: Pick<CatalogModel, 'server'>,
  tables: CatalogModel['tables'],
  { signal }: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  if (server.encoding !== anyBytes) return [];
  const unfit = await database.withSession(
    (session) => findUnfit(session, tables, 'UTF8', { side: 'target', signal }),
    signal,
  );
  if (unfit.found.length === 0) return passedOver(unfit, name);
  throw new SyncError(
    'TARGET_ENCODING',
    `"${name}" is ${anyBytes} and holds bytes that are not UTF-8, but rows are read as UTF-8: ` +
      `${unfit.found.join(', ')}.`,
    {
      details: { tables: unfit.found },
      hint:
        'Correct the values named, or rely on the kept database alone (--backup kept), which reads only ' +
        'tables whose rows are kept.',
    },
  );
}

function passedOver({ passedOver: tables }: Unfit, name: string): readonly string[] {
  if (tables.length === 0) return [];
  return [
    `${tables.length} large table(s) of "${name}" were not searched for texts that have no place in the ` +
      `other encoding; a run would stop at such a text: ${tables.join(', ')}.`,
  ];
}
