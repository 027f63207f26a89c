import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { Link, useLocation } from 'wouter';
import { call } from '../api/client.ts';
import { queries } from '../api/queries.ts';
import type { Job } from '../api/types.ts';
import { asCommand } from '../lib/as-command.ts';
import { saveText } from '../lib/download.ts';
import { jobTitle, stateWords, targetState } from '../lib/words.ts';
import { ErrorWords, Notice, Time } from '../ui/basics.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { ReceiptView } from './receipt.tsx';
import { Comparison } from './comparison.tsx';

/** How it ended, in one sentence first; then the proof, and what can be done now. */
export function Outcome({ job }: { readonly job: Job }): ReactNode {
  return (
    <>
      <Sentence job={job} />
      <Actions job={job} />
      {job.receipt?.type === 'receipt' && <ReceiptView receipt={job.receipt} />}
      {job.receipt?.type === 'verify' && <Comparison receipt={job.receipt} />}
    </>
  );
}

function Sentence({ job }: { readonly job: Job }): ReactNode {
  const { state, progress, receipt } = job;
  if (state === 'done') {
    const equal = receipt?.type !== 'verify' || receipt.equal;
    return (
      <Notice tone={equal ? 'good' : 'bad'} role="status">
        <p className="text-lg font-medium">{progress?.message ?? 'Done.'}</p>
        {receipt?.type === 'receipt' && receipt.source !== null && receipt.kind === 'sync' && (
          <p className="text-sm">
            As {receipt.source} was <Time at={receipt.startedAt} />.
          </p>
        )}
      </Notice>
    );
  }
  const error = job.error ?? progress?.error ?? null;
  const standing = targetState(job, progress);
  return (
    <Notice tone={state === 'failed' ? 'bad' : 'warn'} role="status">
      {standing !== null && <p className="text-lg font-medium">{standing}</p>}
      {error === null ? <p>{stateWords[state]}</p> : <ErrorWords error={error} />}
    </Notice>
  );
}

function Actions({ job }: { readonly job: Job }): ReactNode {
  const [copied, setCopied] = useState(false);
  const command = asCommand(job.request);
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(command);
    setCopied(true);
  };
  return (
    <section className="card space-y-4 p-5" aria-label="What can be done">
      <Undo job={job} />
      <div className="flex flex-wrap gap-3">
        <Again job={job} />
        <button
          type="button"
          className="button"
          onClick={() => {
            saveText(`${job.id}.json`, `${JSON.stringify(job, null, 2)}\n`, 'application/json');
          }}
        >
          Download as JSON
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            // Where the browser gives no clipboard (a page without TLS), the command stands there to be selected.
            copy().catch(() => {
              setCopied(false);
            });
          }}
        >
          {copied ? 'Copied' : 'Copy as command'}
        </button>
      </div>
      <pre
        tabIndex={0}
        aria-label="The same on the command line"
        className="bg-sunk overflow-x-auto rounded-lg px-3 py-2"
      >
        {command}
      </pre>
    </section>
  );
}

function Again({ job }: { readonly job: Job }): ReactNode {
  const [, go] = useLocation();
  // What replaces a target was confirmed when it was asked for.
  const name = 'confirm' in job.request.input ? job.target : null;
  return (
    <Confirm
      label="Run again …"
      look="plain"
      title={`${jobTitle(job)} again?`}
      verb="Run again"
      keep="Not now"
      name={name}
      go={() =>
        call('POST /api/jobs/{id}/retry', {
          params: { id: job.id },
          body: name === null ? {} : { confirm: name },
        })
      }
      done={(answer) => {
        go(`/runs/${(answer as { readonly id: string }).id}`);
      }}
    >
      <p>{name === null ? 'The same is asked for once more.' : `${name} is replaced once more.`}</p>
    </Confirm>
  );
}

/** The way back: until when, what it takes along; or why there is none. */
function Undo({ job: { id, target, undo } }: { readonly job: Job }): ReactNode {
  const [, go] = useLocation();
  const kept = useQuery({ ...queries.kept(), enabled: undo !== null }).data?.kept ?? [];
  if (undo === null || target === null) return null;
  if (undo.undoneBy !== null)
    return (
      <p data-undo="undone">
        Undone by <Link href={`/runs/${undo.undoneBy}`}>{undo.undoneBy}</Link>.
      </p>
    );
  if (undo.gone.length > 0) return <p data-undo="gone">It can no longer be undone. {undo.gone.join(' ')}</p>;
  const way = kept.find(({ jobId }) => jobId === id);
  return (
    <div className="flex flex-wrap items-center justify-between gap-4" data-undo="possible">
      <div className="min-w-0 flex-1 space-y-1">
        <p className="font-medium">
          {target} can be put back to what it was before.
          {way !== undefined && (
            <>
              {' '}
              The way back ends <Time at={way.until} />.
            </>
          )}
        </p>
        <p className="text-soft text-sm">
          {way === undefined ? '' : `By the ${way.kind} ${way.id}. `}
          {undo.note ?? ''}
        </p>
      </div>
      <Confirm
        label={`Undo on ${target} …`}
        title={`Undo on ${target}?`}
        verb={`Put ${target} back`}
        name={target}
        go={() =>
          call('POST /api/jobs/{jobId}/rollback', {
            params: { jobId: id },
            // What goes along has been said.
            body: { confirm: target, ...(undo.overtakenBy.length > 0 ? { passOver: true } : {}) },
          })
        }
        done={(answer) => {
          go(`/runs/${(answer as { readonly id: string }).id}`);
        }}
      >
        <p>
          {target} gets back what it held before this run. What was written to it since is set aside and can
          be had again by undoing the undo.
        </p>
        {undo.note !== null && <p>{undo.note}</p>}
      </Confirm>
    </div>
  );
}
