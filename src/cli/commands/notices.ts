import type { Command } from 'commander';
import type { ChannelView } from '../../notices/notices.ts';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../outcome.ts';
import { painter, safe, table } from '../render/text.ts';

/** Channels stand in the configuration: without --server this process tries them itself. */
export function addNotices(program: Command, deps: CommandDeps): void {
  const notices = program
    .command('notices')
    .description('channels by which a service tells people of failures and the like: list, test');
  notices
    .command('list', { isDefault: true })
    .description('the channels of the configuration')
    .action(action(deps, async (context) => listOutcome(context, await list(context))));
  notices
    .command('test')
    .description('send a message through a channel')
    .argument('<channel>')
    .action(
      action(deps, async (context, [name = '']) => {
        const channel = await test(context, name);
        return { fields: { channel }, text: `The channel ${channel.name} took the message.\n` };
      }),
    );
}

async function list({ service, config, io }: Context): Promise<readonly ChannelView[]> {
  if (service !== null)
    return ((await service.get('/api/notices')) as { readonly channels: readonly ChannelView[] }).channels;
  const { createNotices } = await import('../../notices/notices.ts');
  return createNotices(config(), io.now).list();
}

async function test({ service, config, io }: Context, name: string): Promise<ChannelView> {
  if (service !== null)
    return (await service.post(`/api/notices/${encodeURIComponent(name)}/test`, {})) as ChannelView;
  const { createNotices } = await import('../../notices/notices.ts');
  return createNotices(config(), io.now).test(name);
}

function listOutcome({ colour }: Context, channels: readonly ChannelView[]): Outcome {
  const rows = channels.map(({ name, type, to, events, environments }) => [
    name,
    safe(to === null ? type : `${type} to ${to.join(', ')}`),
    events?.join(', ') ?? 'all',
    safe(environments?.join(', ') ?? 'all'),
  ]);
  const lines =
    rows.length === 0
      ? ['There is no channel: nobody is told of anything.']
      : table(
          [{ title: 'Channel' }, { title: 'By' }, { title: 'Events' }, { title: 'Environments' }],
          rows,
          painter(colour.data),
        );
  return { fields: { channels }, text: `${lines.join('\n')}\n` };
}
