import type { Config } from '../config/config.ts';
import { knownEnvironment } from '../environments/known-environment.ts';
import type { JobRequest } from '../sync/contract/requests.ts';
import { checkPair, checkTarget, checkWritable } from './check-request.ts';
import type { DumpsPort } from './ports.ts';

/** What a job is held against before it is queued. */
export interface AdmitDeps {
  readonly config: Pick<Config, 'environments'>;
  readonly dumps: Pick<DumpsPort, 'get'>;
}

/**
 * The one door to the queue: refuses at once what the job would refuse later, whoever asks for it, a person or a
 * schedule. Errors: those of check-request.ts, STORAGE_DUMP_UNKNOWN. (An undo is held against its job besides.)
 */
export async function admitJob({ config, dumps }: AdmitDeps, request: JobRequest): Promise<void> {
  const { environments } = config;
  switch (request.kind) {
    case 'sync': {
      const { source, target, confirm } = request.input;
      checkPair(environments, source, target);
      checkTarget(environments, target, confirm);
      return;
    }
    case 'export':
      knownEnvironment(environments, request.input.environment);
      return;
    case 'import':
      checkTarget(environments, request.input.target, request.input.confirm);
      await dumps.get(request.input.dump.id);
      return;
    case 'typesense':
      checkWritable(environments, request.input.environment);
      return;
    case 'verify': {
      const { left, right, search } = request.input;
      if (search === true) knownEnvironment(environments, left);
      else checkPair(environments, left, right);
      return;
    }
    case 'rehearsal':
      knownEnvironment(environments, request.input.environment);
      checkWritable(environments, request.input.server);
      return;
    case 'rollback':
      checkWritable(environments, request.input.confirm);
      return;
    default:
      request satisfies never;
  }
}
