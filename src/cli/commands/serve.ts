import type { Command } from 'commander';
import { action } from '../command.ts';
import type { CommandDeps } from '../command.ts';

/**
 * The service and its worker: here the process is theirs. They log to stdout, take the signals themselves (the first
 * drains, the second forces), and end when they have stopped.
 */
export function addServe(program: Command, deps: CommandDeps): void {
  program
    .command('serve')
    .description('run the service: HTTP interface, page, queue and worker')
    .action(
      action(deps, async (context) => {
        const { startService } = await import('../../main.ts');
        const service = await startService(context.config());
        // A link opens the page, so it goes to somebody who sits there, and not where outputs are kept.
        if (service.keyFile !== null && context.io.stderr.isTTY === true)
          context.say(
            `\nThe page, for you alone: ${service.pageLink()}\nIt opens once, within 10 minutes. Another one: ` +
              `multiboard-sync page\n`,
          );
        await service.stopped;
        return null;
      }),
    );
  program
    .command('page')
    .description('print a link that opens the service’s page, once, within 10 minutes')
    .action(
      action(deps, async (context) => {
        const service = context.needService();
        const { code, expiresAt } = (await service.post('/api/page-link', {})) as {
          readonly code: string;
          readonly expiresAt: number;
        };
        const url = `${service.address}#open=${code}`;
        return { fields: { url, expiresAt }, text: `${url}\n` };
      }),
    );
  program
    .command('worker')
    .description('run one more worker on the queue of a service')
    .action(
      action(deps, async (context) => {
        const { startWorkerProcess } = await import('../../main.ts');
        const worker = await startWorkerProcess(context.config());
        await worker.stopped;
        return null;
      }),
    );
}
