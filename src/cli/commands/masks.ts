import type { Command } from 'commander';
import { counted } from '../../progress/words.ts';
import type { MaskSuggestions, SuggestedMask } from '../../sync/verbs/suggest-masks.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import { checkEnvironment } from '../context.ts';
import type { Context } from '../context.ts';
import { withInterrupt } from '../interrupt.ts';
import type { Outcome } from '../outcome.ts';
import { painter, safe, table } from '../render/text.ts';

export function addMasks(program: Command, deps: CommandDeps): void {
  const masks = program.command('masks').description('what is put in the place of personal data');
  masks
    .command('suggest')
    .description(
      'columns that look personal and have no mask, and rules for them; no value leaves the server',
    )
    .argument('<environment>')
    .action(
      action(deps, async (context, [environment = '']) => {
        checkEnvironment(context, environment);
        return outcomeOf(context, await suggestions(context, environment));
      }),
    );
}

async function suggestions(context: Context, environment: string): Promise<MaskSuggestions> {
  const { service, io } = context;
  const sentences = { first: 'Stopping; nothing was changed.', second: 'Left; nothing was changed.' };
  return withInterrupt(context, sentences, async (signal) => {
    if (service !== null)
      return (await service.get(`/api/environments/${encodeURIComponent(environment)}/mask-suggestions`, {
        signal,
      })) as MaskSuggestions;
    const { suggestMasks } = await import('../../sync/verbs/suggest-masks.ts');
    return suggestMasks({ config: context.config(), now: io.now }, environment, { signal });
  });
}

function outcomeOf({ colour }: Context, found: MaskSuggestions): Outcome {
  const { environment, suggestions: open, ruled, notes } = found;
  const has = `${counted(ruled, 'column')} of ${environment} ${ruled === 1 ? 'has a rule' : 'have rules'}.`;
  const lines =
    open.length === 0
      ? [`No column without a rule looks personal; ${has}`]
      : [
          `${counted(open.length, 'column')} without a rule ${open.length === 1 ? 'looks' : 'look'} personal; ${has}`,
          '',
          ...table(
            [
              { title: 'Table' },
              { title: 'Column' },
              { title: 'Type' },
              { title: 'Because of' },
              { title: 'Rule' },
            ],
            open.map(({ table: name, column, type, because, rule }) => [
              name,
              column,
              type,
              because,
              rule ?? 'sql',
            ]),
            painter(colour.data),
          ),
          '',
          'For the configuration file; keep stands for a column that holds nothing personal:',
          '',
          ...yamlOf(environment, open),
        ];
  return {
    fields: { ...found },
    text: `${[...lines, ...notes.map((note) => safe(note))].join('\n')}\n`,
  };
}

/** What can be put into the configuration file, and then corrected. */
function yamlOf(environment: string, open: readonly SuggestedMask[]): readonly string[] {
  const byTable = new Map<string, SuggestedMask[]>();
  for (const mask of open) byTable.set(mask.table, [...(byTable.get(mask.table) ?? []), mask]);
  return [
    'environments:',
    `  ${environment}:`,
    '    masks:',
    ...[...byTable].flatMap(([name, masks]) => [
      `      ${safe(quoted(name))}:`,
      ...masks.map(({ column, rule }) => `        ${safe(quoted(column))}: ${rule ?? '{ sql: … }'}`),
    ]),
  ];
}

/** As YAML reads it back: plain where nothing can be meant but the name. */
function quoted(name: string): string {
  return /^[A-Za-z_][\w.]*$/.test(name) && !/^(?:true|false|null|yes|no|on|off|[ny])$/i.test(name)
    ? name
    : `'${name.replaceAll("'", "''")}'`;
}
