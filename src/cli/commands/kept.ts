import type { Command } from 'commander';
import { bytesInWords } from '../../progress/words.ts';
import type { DropKeptInput } from '../../sync/verbs/drop-kept.ts';
import type { KeptDetails, KeptState, KeptStates } from '../../sync/verbs/kept-states.ts';
import { undoWords } from '../../sync/undo/undo-words.ts';
import { withInterrupt } from '../interrupt.ts';
import type { Config } from '../../config/config.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { confirmOption, confirmTarget } from '../command-options.ts';
import type { SharedOptions } from '../command-options.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { painter, safe, table } from '../render/text.ts';

export function addKept(program: Command, deps: CommandDeps): void {
  const kept = program.command('kept').description('list, show and drop what is kept for undo');
  kept
    .command('list', { isDefault: true })
    .description('kept databases, safety copies and kept rows of merges, newest first')
    .argument('[environment]')
    .action(
      action(deps, async (context, [environment]) => listOutcome(context, await list(context, environment))),
    );
  kept
    .command('show')
    .description('one of them: the job it belongs to, and what its undo would bring back')
    .argument('<id>')
    .action(action(deps, async (context, [id = '']) => showOutcome(await show(context, id))));
  kept
    .command('drop')
    .description('remove one of them; its job cannot be undone any more')
    .argument('<id>')
    .addOption(confirmOption('must be the name of the environment that it is a former state of'))
    .action(
      action<Pick<SharedOptions, 'confirm'>>(deps, async (context, [id = ''], { confirm }) => {
        const { state } = await show(context, id);
        const answer = await confirmTarget(
          context,
          state.environment,
          confirm,
          `Removing ${id} for good: job ${state.jobId} on ${state.environment} cannot be undone any more.`,
        );
        await drop(context, { id, confirm: answer });
        return {
          fields: { dropped: id },
          text: `${id} is removed; job ${state.jobId} cannot be undone any more.\n`,
        };
      }),
    );
}

const sentences = { first: 'Stopping; nothing was changed.', second: 'Left.' };

async function list(context: Context, environment: string | undefined): Promise<KeptStates> {
  const { service } = context;
  return withInterrupt(context, sentences, async (signal) => {
    if (service !== null) {
      const query = environment === undefined ? '' : `?environment=${encodeURIComponent(environment)}`;
      return (await service.get(`/api/kept${query}`, { signal })) as KeptStates;
    }
    const { keptStates } = await import('../../sync/verbs/kept-states.ts');
    return keptStates(depsOf(context), { environment }, { signal });
  });
}

async function show(context: Context, id: string): Promise<KeptDetails> {
  const { service } = context;
  return withInterrupt(context, sentences, async (signal) => {
    if (service !== null)
      return (await service.get(`/api/kept/${encodeURIComponent(id)}`, { signal })) as KeptDetails;
    const { keptState } = await import('../../sync/verbs/kept-states.ts');
    return keptState(depsOf(context), id, { signal });
  });
}

/** A service that runs on this data directory knows what waits in its queue (see commands/dumps.ts). */
async function drop(
  context: Context,
  { id, confirm }: Omit<DropKeptInput, 'queued' | 'undone'>,
): Promise<void> {
  const { service } = context;
  if (service !== null) {
    await service.delete(`/api/kept/${encodeURIComponent(id)}?confirm=${encodeURIComponent(confirm)}`);
    return;
  }
  const { dropKept } = await import('../../sync/verbs/drop-kept.ts');
  // Once the server has the statement, it ends what it has begun.
  await withInterrupt(context, { first: 'Stopping.', second: 'Left.' }, (signal) =>
    dropKept(depsOf(context), { id, confirm, queued: new Map(), undone: new Map() }, { signal }),
  );
}

function depsOf({ config, io }: Context): { readonly config: Config; readonly now: () => number } {
  return { config: config(), now: io.now };
}

function listOutcome({ colour, io }: Context, { kept, notAsked, unreadable }: KeptStates): Outcome {
  const rows = kept.map((state) => [
    state.environment,
    state.id,
    whatItIs[state.kind],
    state.bytes === null ? 'unknown' : bytesInWords(state.bytes),
    timeInWords(state.keptAt),
    untilInWords(state, io.now()),
    state.jobId,
  ]);
  const lines =
    kept.length === 0
      ? ['Nothing is kept for undo.']
      : table(
          [
            { title: 'Environment' },
            { title: 'Id' },
            { title: 'What' },
            { title: 'Size', side: 'right' },
            { title: 'Kept since (UTC)' },
            { title: 'Until (UTC)' },
            { title: 'Undo: rollback' },
          ],
          rows,
          painter(colour.data),
        );
  const rest = [
    ...notAsked.map(({ environment, reason }) => `"${environment}" could not be asked: ${safe(reason)}`),
    ...unreadable.map(
      (name) => `The manifest ${safe(name)} cannot be read: what its dump is kept for is not known.`,
    ),
  ];
  return { fields: { kept, notAsked, unreadable }, text: `${[...lines, ...rest].join('\n')}\n` };
}

const whatItIs: Readonly<Record<KeptState['kind'], string>> = {
  database: 'database',
  'safety copy': 'safety copy',
  rows: 'rows of a merge',
  objects: 'objects of a switch',
};

function untilInWords({ until, inUse }: KeptState, now: number): string {
  if (inUse !== null) return `left alone: ${safe(inUse)}`;
  return until < now ? 'over: the next run removes it' : timeInWords(until);
}

function showOutcome({ state, job, outlook }: KeptDetails): Outcome {
  const undo = outlook === null ? null : undoWords(outlook);
  const facts: Readonly<Record<string, string>> = {
    id: state.id,
    what: whatItIs[state.kind],
    environment: state.environment,
    size: state.bytes === null ? 'unknown' : bytesInWords(state.bytes),
    'kept since': timeInWords(state.keptAt),
    until: timeInWords(state.until),
    ...(state.inUse === null ? {} : { 'in use': state.inUse }),
    job:
      job === null
        ? `${state.jobId}, of which there is no record here`
        : `${job.kind} ${job.id}${job.source === null ? '' : ` from ${job.source}`}, ended ${timeInWords(job.finishedAt ?? job.startedAt)}`,
    undo:
      job === null
        ? 'only from the data directory that has the record'
        : `multiboard-sync rollback ${state.jobId} brings ${state.environment} back to what it was before that job`,
    ...(undo === null ? {} : { note: undo }),
  };
  const lines = Object.entries(facts).map(([name, value]) => `${name.padEnd(14)}${safe(value)}`);
  return { fields: { ...state, job, outlook }, text: `${lines.join('\n')}\n` };
}

function timeInWords(at: number): string {
  return new Date(at).toISOString().slice(0, 16).replace('T', ' ');
}
