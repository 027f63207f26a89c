import { maskingSentence } from '../../masks/told.ts';
import { bytesInWords, counted, countInWords } from '../../progress/words.ts';
import type { Plan } from '../../sync/contract/plan.ts';
import { painter, safe, table } from './text.ts';

/** What happens to the target's rows, in a word that stands in a table. */
const actionWords: Readonly<Record<Plan['tables'][number]['action'], string>> = {
  copy: 'replaced',
  keep: 'kept',
  empty: 'emptied',
};

/** Title of a column → what it counts. */
const rowColumns: ReadonlyMap<string, keyof NonNullable<Plan['tables'][number]['rows']>> = new Map([
  ['inserted', 'insert'],
  ['updated', 'update'],
  ['deleted', 'delete'],
  ['kept', 'keep'],
]);

/** Target and source are compared, in that order: what is missing in the source would vanish from the target. */
const changeWords: Readonly<Record<string, string>> = {
  'is missing': 'would vanish',
  'is too many': 'would appear',
  'is different': 'would change',
};

function changes({ target, differences }: Plan): readonly string[] {
  if (differences === null)
    return [
      '',
      `Which objects of ${target} would appear, vanish or change hangs on what is in the way, and is not shown.`,
    ];
  if (differences.length === 0) return [];
  return [
    '',
    `${counted(differences.length, 'object')} of ${target}:`,
    ...differences.map(
      ({ name, difference }) => `  ${safe(name)} ${safe(changeWords[difference] ?? difference)}`,
    ),
  ];
}

/** What a sync would do, and no more than that. */
function consequence({ source, target, blockers, tables, leftOut, largeObjects, warnings }: Plan): string {
  if (blockers.length > 0) return `No sync of ${source} to ${target} would start.`;
  const isWhole =
    leftOut.length + warnings.length === 0 &&
    [...tables, ...(largeObjects === null ? [] : [largeObjects])].every(({ action }) => action === 'copy');
  return `A sync would make ${target} equal to ${source}${isWhole ? '' : ', but for what is named below'}.`;
}

/**
 * A plan for people: the consequence first, then the tables, what else changes, what it needs, and what is in the way.
 */
export function renderPlan(plan: Plan, { color }: { readonly color: boolean }): string {
  const paint = painter(color);
  const { source, target, tables, collections, sessions, warnings, blockers } = plan;
  const { schemas, leftOut, largeObjects } = plan;
  const guessed = (count: number | null): string =>
    count === null ? '-' : `~${countInWords(Math.max(0, count))}`;
  const exactly = tables.some(({ rows }) => rows !== null);
  const lines = [
    paint('bold', `${consequence(plan)} Nothing was changed.`),
    ...(plan.mode === null
      ? []
      : [`Mode          ${plan.mode}${plan.modeReason === null ? '' : ` (${safe(plan.modeReason)})`}`]),
    ...(schemas === null
      ? []
      : [`Schema        ${safe(schemas.source)} of ${source} is ${safe(schemas.target)} in ${target}`]),
    ...(plan.masking === null ? [] : [`Masks         ${safe(maskingSentence(plan.masking))}`]),
    `Safety        ${plan.safety}`,
    `Room          ${bytesInWords(plan.targetBytesNeeded)} on the target’s server, ` +
      `${bytesInWords(plan.dumpBytesNeeded)} for dumps`,
    ...(largeObjects === null
      ? []
      : [
          `Large objects ${actionWords[largeObjects.action]}: ${countInWords(largeObjects.sourceObjects)} in ${source} (${bytesInWords(largeObjects.bytes)}), ${countInWords(largeObjects.targetObjects)} in ${target}`,
        ]),
    `Connections   up to ${plan.connections.source} to ${source}, ${plan.connections.target} to ${target}`,
    ...(sessions.length === 0
      ? []
      : [
          `Sessions      ${counted(sessions.length, 'session')} on the target would be ended: ${sessions
            .map(({ pid, role, application }) =>
              safe(`${role}${application === '' ? '' : ` ${application}`} (${pid})`),
            )
            .join(', ')}`,
          '              If a pooler holds them, which a server cannot tell: PgBouncer may let everybody ' +
            'wait for 15 s (server_login_retry).',
        ]),
    ...(collections.length === 0 ? [] : [`Search        ${collections.map(collectionWords).join(', ')}`]),
    ...(tables.length === 0
      ? []
      : [
          '',
          ...table(
            [
              { title: 'Table' },
              { title: 'Rows are' },
              ...(exactly ? [...rowColumns.keys()] : [source, target]).map(
                (title) => ({ title, side: 'right' }) as const,
              ),
              { title: 'Size', side: 'right' },
            ],
            tables.map(({ rows, ...one }) => [
              one.table,
              actionWords[one.action],
              ...(exactly
                ? [...rowColumns.values()].map((part) => (rows === null ? '-' : countInWords(rows[part])))
                : [guessed(one.sourceRows), guessed(one.targetRows)]),
              bytesInWords(one.bytes),
            ]),
            paint,
          ),
        ]),
    ...changes(plan),
    ...(leftOut.length === 0
      ? []
      : ['', `${counted(leftOut.length, 'object')} left out, as the options say:`]),
    ...leftOut.map((identity) => `  ${safe(identity)}`),
    ...warnings.map((warning) => paint('yellow', `Warning: ${safe(warning)}`)),
    ...blockers.map(
      ({ message, hint }) => `${paint('red', `In the way: ${safe(message)}`)}\n  ${safe(hint)}`,
    ),
  ];
  return `${lines.join('\n')}\n`;
}

function collectionWords({ name, documentsEstimated, changes }: Plan['collections'][number]): string {
  if (changes === undefined) return `${safe(name)} (~${countInWords(documentsEstimated)})`;
  const { add, change, remove, lost } = changes;
  const numbers = [
    `${countInWords(add)} to add`,
    `${countInWords(change)} to change`,
    `${countInWords(remove)} to remove`,
  ];
  const does = add + change + remove === 0 ? 'unchanged' : numbers.join(', ');
  const loses = lost.length === 0 ? '' : `; loses ${lost.map(safe).join(', ')}, written by another program`;
  return `${safe(name)} (${countInWords(documentsEstimated)}: ${does}${loses})`;
}
