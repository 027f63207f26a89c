import { Option } from 'commander';
import type { Command } from 'commander';
import { SyncError } from '../../errors/sync-error.ts';
import { missedPolicies, scheduledKinds } from '../../schedules/schedule.ts';
import type { Schedule } from '../../schedules/schedule.ts';
import type { DamagedSchedule } from '../../schedules/damaged.ts';
import type { ScheduleView } from '../../schedules/schedules.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { renderSchedule, renderSchedules } from '../render/schedules.ts';

interface AddOptions {
  readonly cron: string;
  readonly timeZone: string;
  readonly kind: Schedule['kind'];
  readonly source?: string | undefined;
  readonly target?: string | undefined;
  readonly environment?: string | undefined;
  readonly confirm?: string | undefined;
  readonly input?: string | undefined;
  readonly missed?: string | undefined;
  readonly paused?: boolean | undefined;
}

/** Schedules are a service's: it is what is there at night. */
export function addSchedules(program: Command, deps: CommandDeps): void {
  const schedules = program
    .command('schedules')
    .description('jobs that a service starts by itself: list, show, add, pause, resume, skip, run, remove');
  schedules
    .command('list', { isDefault: true })
    .description('all of them, with the next time and what became of the last one')
    .action(action(deps, async (context) => list(context)));
  const one = (
    name: string,
    description: string,
    work: (context: Context, path: string, schedule: string) => Promise<Outcome>,
  ): Command =>
    schedules
      .command(name)
      .description(description)
      .argument('<schedule>')
      .action(action(deps, async (context, [schedule = '']) => work(context, pathOf(schedule), schedule)));
  one('show', 'one of them: its next five times, and what became of the last ones', async (context, path) =>
    shown(await context.needService().get(path)),
  );
  addAdd(schedules, deps);
  one('pause', 'start nothing until it is resumed; a running job goes on', async (context, path) =>
    shown(await context.needService().post(`${path}/pause`, {})),
  );
  one('resume', 'let a paused one go on; times that came meanwhile were not missed', async (context, path) =>
    shown(await context.needService().post(`${path}/resume`, {})),
  );
  schedules
    .command('skip')
    .description('leave the next time out')
    .argument('<schedule>')
    .option('--undo', 'do not leave it out')
    .action(
      action<{ readonly undo?: boolean | undefined }>(
        deps,
        async (context, [schedule = ''], { undo = false }) =>
          shown(await context.needService().post(`${pathOf(schedule)}/skip-next`, { skip: !undo })),
      ),
    );
  one('run', 'start its job now, beside its times', async (context, path, schedule) => {
    const { id } = (await context.needService().post(`${path}/run`, {})) as { readonly id: string };
    return { fields: { jobId: id, schedule }, text: `Job ${id} is queued.\n` };
  });
  one('remove', 'remove one that was added here; its jobs stay', async (context, path, schedule) => {
    await context.needService().delete(path);
    return { fields: { removed: schedule }, text: `The schedule ${schedule} is removed.\n` };
  });
}

function addAdd(schedules: Command, deps: CommandDeps): void {
  schedules
    .command('add')
    .description('add one; it is held against the same checks as a job that is asked for now')
    .argument('<schedule>', 'its name: lower case letters, digits, - and _')
    .requiredOption('--cron <fields>', 'minute, hour, day of month, month, day of week: "30 2 * * *"')
    .requiredOption('--time-zone <zone>', 'a time zone of the IANA database: Europe/Berlin')
    .addOption(new Option('--kind <kind>', 'what it starts').choices(scheduledKinds).makeOptionMandatory())
    .option('--source <environment>', 'of a sync: what it copies; of a verify: the left side')
    .option(
      '--target <environment>',
      'of a sync: what it replaces; of a verify: the right side; of a rehearsal: whose server',
    )
    .option('--environment <environment>', 'of an export, a typesense or a rehearsal: which one')
    .option('--confirm <target>', 'of a sync: the name of the target, which is replaced each time')
    .option('--input <json>', 'more of what is asked for, as the API takes it: {"mode":"replace"}')
    .addOption(
      new Option('--missed <what>', 'what becomes of times that came while no service ran').choices(
        missedPolicies,
      ),
    )
    .option('--paused', 'it starts nothing until it is resumed')
    .action(
      action<AddOptions>(deps, async (context, [name = ''], options) => {
        const { cron, timeZone, kind, missed, paused } = options;
        const schedule = {
          name,
          cron,
          timeZone,
          kind,
          input: inputOf(options),
          ...(missed === undefined ? {} : { missed }),
          ...(paused === undefined ? {} : { paused }),
        };
        return shown(await context.needService().post('/api/schedules', schedule));
      }),
    );
}

const pathOf = (schedule: string): string => `/api/schedules/${encodeURIComponent(schedule)}`;

/** The service judges it. */
function inputOf({ kind, source, target, environment, confirm, input }: AddOptions): object {
  const ends =
    kind === 'sync'
      ? { source, target, confirm }
      : kind === 'verify'
        ? { left: source, right: target }
        : kind === 'rehearsal'
          ? { environment, server: target }
          : { environment };
  const named = Object.entries(ends).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(named), ...(input === undefined ? {} : parsedInput(input)) };
}

function parsedInput(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  } catch {
    // Told below, with what is not an object.
  }
  throw new SyncError('USAGE_INVALID', '--input must be a JSON object, as {"mode":"replace"}.');
}

async function list(context: Context): Promise<Outcome> {
  const answer = (await context.needService().get('/api/schedules')) as {
    readonly schedules: readonly ScheduleView[];
    /** A service of an earlier version does not tell them. */
    readonly damaged?: readonly DamagedSchedule[];
  };
  const { damaged = [] } = answer;
  for (const { message } of damaged) context.say(`warn: ${message}`);
  return {
    fields: { schedules: answer.schedules, damaged },
    text: renderSchedules(answer.schedules, { color: context.colour.data }),
  };
}

function shown(answer: unknown): Outcome {
  const schedule = answer as ScheduleView;
  return { fields: { schedule }, text: renderSchedule(schedule) };
}
