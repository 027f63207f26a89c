import type { ScheduleView } from '../../schedules/schedules.ts';
import { localTime } from '../../schedules/times.ts';
import { painter, safe, table } from './text.ts';

/** `sync production → staging`. */
function whatWords({ kind, source, target }: ScheduleView): string {
  const ends = [source, target].filter((end) => end !== null);
  return safe(`${kind} ${ends.join(' → ')}`);
}

function nextWords({ next, skip, paused, timeZone }: ScheduleView): string {
  if (paused !== null) return 'paused';
  const first = next.find((at) => at !== skip);
  return first === undefined ? '-' : localTime(first, timeZone);
}

/** Schedules as a table. */
export function renderSchedules(
  schedules: readonly ScheduleView[],
  { color }: { readonly color: boolean },
): string {
  if (schedules.length === 0) return 'There is no schedule.\n';
  const lines = table(
    [{ title: 'Name' }, { title: 'What' }, { title: 'When' }, { title: 'Next' }, { title: 'Last' }],
    schedules.map((schedule) => [
      schedule.name,
      whatWords(schedule),
      safe(schedule.words),
      nextWords(schedule),
      schedule.events[0]?.what ?? '-',
    ]),
    painter(color),
  );
  return `${lines.join('\n')}\n`;
}

const pausedWords = {
  file: 'by its definition in the configuration file',
  person: 'by somebody; schedules resume lets it go on',
} as const;

const missedWords = {
  skip: 'told, and left out',
  run: 'told, and made up for by one run',
} as const;

/** One schedule: when it comes, and what became of the last times. */
export function renderSchedule(schedule: ScheduleView): string {
  const { name, words, cron, timeZone, missed, paused, next, skip, events, place, input } = schedule;
  const facts: readonly (readonly [string, string])[] = [
    ['Schedule', name],
    ['What', whatWords(schedule)],
    ['Asks for', JSON.stringify(input)],
    ['When', `${words}, from ${cron}`],
    ...(paused === null ? [] : [['Paused', pausedWords[paused]] as const]),
    ['Missed times', missedWords[missed]],
    ['Stands in', place ?? 'the data directory; it was added by the API or the command line'],
    ...next.map(
      (at, index) =>
        [index === 0 ? 'Next' : '', `${localTime(at, timeZone)}${at === skip ? ', left out' : ''}`] as const,
    ),
    ...events.map(
      ({ slot, message }, index) =>
        [index === 0 ? 'Last' : '', `${localTime(slot, timeZone)}  ${message}`] as const,
    ),
  ];
  return `${facts.map(([title, fact]) => `${title.padEnd(14)}${safe(fact)}`).join('\n')}\n`;
}
