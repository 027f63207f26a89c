import type { LocalJobRequest } from '../sync/contract/requests.ts';
import type { Context } from './context.ts';
import type { Outcome } from './outcome.ts';
import { receiptOutcome } from './receipt-outcome.ts';
import { runJobRequest, startJob } from './run-job-request.ts';
import type { RunOptions } from './run-job-request.ts';

/** Runs a job to its end and tells its receipt; with `detach`, leaves it to the service and tells where it is. */
export async function runAndTell(
  context: Context,
  request: LocalJobRequest,
  { detach = false, ...options }: RunOptions & { readonly detach?: boolean | undefined } = {},
): Promise<Outcome> {
  if (!detach) return receiptOutcome(context, await runJobRequest(context, request, options));
  const service = context.needService();
  const jobId = await startJob(service, request);
  const { name, server } = context.program;
  const where = server === null ? '' : ` --server ${server}`;
  return {
    fields: { jobId },
    text: `Job ${jobId} is queued. Follow it: ${name} jobs watch ${jobId}${where}\n`,
  };
}
