import type { Command } from 'commander';
import { errorReport, SyncError } from '../../errors/sync-error.ts';
import type { ErrorReport } from '../../errors/sync-error.ts';
import { counted } from '../../progress/words.ts';
import { sharedFinding } from '../../sync/verbs/shared-words.ts';
import type { SharedSearch } from '../../sync/check/shared-search.ts';
import type { Finding } from '../../sync/verbs/doctor.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { checkEnvironment } from '../context.ts';
import type { Context } from '../context.ts';
import { withInterrupt } from '../interrupt.ts';
import type { Outcome } from '../outcome.ts';
import { painter, safe } from '../render/text.ts';
import type { Colour } from '../render/text.ts';
import type { ServiceClient } from '../service-client.ts';

const signs: Readonly<Record<Finding['level'], readonly [sign: string, colour: Colour]>> = {
  ok: ['✓', 'green'],
  note: ['!', 'yellow'],
  fault: ['✗', 'red'],
};

export function addDoctor(program: Command, deps: CommandDeps): void {
  program
    .command('doctor')
    .description('check everything a run needs, and say how to mend it; changes nothing')
    .argument('[environments...]', 'only these environments; all if none is named')
    .action(
      action(deps, async (context, names) => {
        for (const name of names) checkEnvironment(context, name);
        return findingsOutcome(context, await look(context, names));
      }),
    );
}

/** `names`: of environments; none means all of them. */
async function look(context: Context, names: readonly string[]): Promise<readonly Finding[]> {
  const { service, io } = context;
  return withInterrupt(
    context,
    { first: 'Stopping; nothing was changed.', second: 'Left; nothing was changed.' },
    async (signal) => {
      if (service !== null) return lookThrough(service, names, signal);
      const { examine } = await import('../../sync/verbs/doctor.ts');
      const { examineQueue } = await import('../../jobs/examine-queue.ts');
      const config = context.config();
      return [
        ...(await examine({ config, now: io.now }, names, { signal })),
        ...(await examineQueue(config.jobs, { signal, connectTimeoutSeconds: config.connectTimeoutSeconds })),
      ];
    },
  );
}

type Tested = { readonly ok: true } | { readonly ok: false; readonly error: ErrorReport };

/** A service tells of its environments and its queue; its directories are its own affair. */
async function lookThrough(
  service: ServiceClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { environments } = (await service.get('/api/environments', { signal })) as {
    readonly environments: readonly { readonly name: string }[];
  };
  const findings: Finding[] = [];
  const wanted = names.length === 0 ? environments.map(({ name }) => name) : names;
  for (const name of wanted) {
    const test = (await service.post(
      `/api/environments/${encodeURIComponent(name)}/test`,
      {},
      { signal },
    )) as {
      readonly database: Tested;
      readonly search: (Tested & { readonly sharedWith?: readonly SharedSearch[] }) | null;
    };
    findings.push(found(`${name}: database`, test.database));
    if (test.search === null) continue;
    findings.push(found(`${name}: search`, test.search));
    for (const shared of test.search.sharedWith ?? [])
      findings.push(sharedFinding(`${name}: search`, shared));
  }
  return [...findings, found('queue', await ready(service, signal))];
}

/** Whether the service takes jobs: its queue answers. */
async function ready(service: ServiceClient, signal: AbortSignal): Promise<Tested> {
  try {
    await service.get('/ready', { signal });
    return { ok: true };
  } catch (error) {
    signal.throwIfAborted();
    return { ok: false, error: errorReport(error) };
  }
}

function found(subject: string, tested: Tested): Finding {
  return tested.ok
    ? { level: 'ok', subject, finding: 'answers', remedy: null }
    : { level: 'fault', subject, finding: tested.error.message, remedy: tested.error.hint };
}

export function findingsOutcome({ colour }: Pick<Context, 'colour'>, findings: readonly Finding[]): Outcome {
  const paint = painter(colour.data);
  const faults = findings.filter(({ level }) => level === 'fault');
  const lines = findings.map(({ level, subject, finding, remedy }) => {
    const [sign, name] = signs[level];
    return `${paint(name, sign)} ${safe(subject)}: ${safe(finding)}${remedy === null ? '' : `\n    ${safe(remedy)}`}`;
  });
  const outcome = { fields: { findings }, text: `${lines.join('\n')}\n` };
  if (faults.length === 0) return outcome;
  const subjects = faults.map(({ subject }) => subject).join(', ');
  return {
    ...outcome,
    error: new SyncError(
      'CONFIG_INVALID',
      `${counted(faults.length, 'fault')} would make a run fail: ${subjects}.`,
      {
        hint: 'Follow the remedy below each fault.',
      },
    ),
  };
}
