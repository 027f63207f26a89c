import type { ReactNode } from 'react';
import type { Progress, Step } from '../api/types.ts';
import { bytes, count, duration, timeLeft } from '../lib/format.ts';
import { stepWords } from '../lib/words.ts';
import { Bar, Notice } from '../ui/basics.tsx';
import { useNow } from '../ui/now.tsx';

/** Silence of this length is said. */
const stallMs = 15_000;

/** How far, how fast, how long, and when something was heard last. */
export function Figures({
  progress,
  heardAt,
}: {
  readonly progress: Progress;
  readonly heardAt: number | null;
}): ReactNode {
  const now = useNow();
  const { percent, bytesDone, bytesEstimated, bytesPerSecond, rowsPerSecond, etaSeconds, startedAt } =
    progress;
  const text = `${percent.toFixed(1)} %`;
  const silentMs = heardAt === null ? 0 : Math.max(0, now - heardAt);
  const facts = [
    `${bytes(bytesDone)} of about ${bytes(Math.max(bytesDone, bytesEstimated))}`,
    bytesPerSecond === null ? null : `${bytes(bytesPerSecond)}/s`,
    rowsPerSecond === null ? null : `${count(Math.round(rowsPerSecond))} rows/s`,
    startedAt === null ? null : `${duration(now - startedAt)} so far`,
  ].filter((fact) => fact !== null);
  return (
    <>
      <div className="flex items-baseline justify-between gap-3">
        <span className="text-3xl font-semibold tabular-nums">{text}</span>
        <span className="text-soft">{timeLeft(etaSeconds)}</span>
      </div>
      <Bar percent={percent} label="Work done, by bytes" text={`${text}, ${timeLeft(etaSeconds)}`} />
      <p className="text-soft flex flex-wrap gap-x-5 gap-y-1 text-sm tabular-nums">
        {facts.map((fact) => (
          <span key={fact}>{fact}</span>
        ))}
        {heardAt !== null && (
          <span className="ml-auto">
            last news {silentMs < 2000 ? 'just now' : `${Math.floor(silentMs / 1000)} s ago`}
          </span>
        )}
      </p>
      {silentMs >= stallMs && (
        <Notice tone="warn">
          Nothing was heard of this run for {Math.floor(silentMs / 1000)} s. It may wait for a lock or for a
          slow server; the log tells what it did last.
        </Notice>
      )}
    </>
  );
}

const signs: Readonly<Record<Step['state'], string>> = {
  waiting: '·',
  running: '▶',
  done: '✓',
  failed: '✕',
  cancelled: '⊘',
};
const inks: Readonly<Record<Step['state'], string>> = {
  waiting: 'text-soft',
  running: 'text-accent',
  done: 'text-good',
  failed: 'text-bad',
  cancelled: 'text-warn',
};

/** Each step with its time, drawn as its part of the whole. */
export function Phases({
  progress,
  ended,
}: {
  readonly progress: Progress;
  readonly ended: boolean;
}): ReactNode {
  const now = useNow();
  const timed = progress.steps.map((step) => ({ ...step, ms: msOf(step, ended ? progress.updatedAt : now) }));
  const longest = Math.max(1, ...timed.map(({ ms }) => ms ?? 0));
  return (
    <ol aria-label="Steps" className="space-y-0.5">
      {timed.map(({ id, title, state, ms }) => {
        const stopped = ended && state === 'running';
        const never = ended && state === 'waiting';
        const look = stopped ? 'failed' : state;
        return (
          <li
            key={id}
            data-step={look}
            className="grid min-h-8 grid-cols-[1.25rem_minmax(0,1fr)_auto] items-center gap-x-3 text-sm sm:grid-cols-[1.25rem_16rem_minmax(0,1fr)_5.5rem]"
          >
            <span aria-hidden="true" className={`text-center font-semibold ${inks[look]}`}>
              {signs[look]}
            </span>
            <span className={state === 'waiting' ? 'text-soft' : 'font-medium'}>
              {title}
              <span className={`ml-2 text-xs font-normal ${inks[look]}`}>
                {stopped ? (
                  'stopped'
                ) : never ? (
                  'not reached'
                ) : state === 'done' ? (
                  <span className="sr-only">done</span>
                ) : (
                  stepWords[state]
                )}
              </span>
            </span>
            <span aria-hidden="true" className="max-sm:hidden">
              {ms !== null && (
                <span
                  className={`block h-2 rounded-full ${look === 'running' ? 'bg-accent' : look === 'failed' ? 'bg-bad' : 'bg-edge/50'}`}
                  style={{ width: `${Math.max(1, (ms / longest) * 100)}%` }}
                />
              )}
            </span>
            <span className="text-soft text-right tabular-nums">{ms === null ? '' : duration(ms)}</span>
          </li>
        );
      })}
    </ol>
  );
}

function msOf({ state, startedAt, durationMs }: Step, until: number): number | null {
  if (durationMs !== null) return durationMs;
  return state === 'running' && startedAt !== null ? Math.max(0, until - startedAt) : null;
}
