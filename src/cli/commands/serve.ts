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
        await service.stopped;
        return null;
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
