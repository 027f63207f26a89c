import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ErrorReport, JobState } from '../api/types.ts';
import { exactly, relative } from '../lib/format.ts';
import { isProduction, stateWords } from '../lib/words.ts';
import { useNow } from './now.tsx';

type Tone = 'plain' | 'good' | 'warn' | 'bad' | 'accent';

const tones: Readonly<Record<Tone, string>> = {
  plain: 'bg-sunk text-soft',
  good: 'bg-good-tint text-good',
  warn: 'bg-warn-tint text-warn',
  bad: 'bg-bad-tint text-bad',
  accent: 'bg-accent-tint text-accent',
};

export function Tag({
  tone = 'plain',
  children,
}: {
  readonly tone?: Tone;
  readonly children: ReactNode;
}): ReactNode {
  return <span className={`tag ${tones[tone]}`}>{children}</span>;
}

const stateLooks: Readonly<Record<JobState, { readonly tone: Tone; readonly sign: string }>> = {
  queued: { tone: 'plain', sign: '◌' },
  running: { tone: 'accent', sign: '▶' },
  cancelling: { tone: 'warn', sign: '◼' },
  done: { tone: 'good', sign: '✓' },
  failed: { tone: 'bad', sign: '✕' },
  cancelled: { tone: 'warn', sign: '⊘' },
};

/** A run's state by colour, sign and word. */
export function StateTag({ state, word }: { readonly state: JobState; readonly word?: string }): ReactNode {
  const { tone, sign } = stateLooks[state];
  return (
    <span className={`tag state-${state} ${tones[tone]}`}>
      <span aria-hidden="true">{sign}</span>
      {word ?? stateWords[state]}
    </span>
  );
}

/** An environment's name; production is said to be it by colour and word, wherever it is named. */
export function EnvironmentName({
  name,
  large = false,
}: {
  readonly name: string;
  readonly large?: boolean;
}): ReactNode {
  return (
    <span className={`inline-flex items-center gap-2 ${large ? 'text-lg font-semibold' : ''}`}>
      {name}
      {isProduction(name) && (
        <span className="tag bg-production text-production-ink tracking-wide uppercase">Production</span>
      )}
    </span>
  );
}

/** Relative, with the exact time on hover and for programs. */
export function Time({ at }: { readonly at: number }): ReactNode {
  return (
    <time dateTime={new Date(at).toISOString()} title={exactly(at)} className="whitespace-nowrap">
      {relative(at, useNow())}
    </time>
  );
}

const noticeLooks = {
  info: { box: 'bg-accent-tint text-ink border-accent/30', sign: 'ⓘ', ink: 'text-accent' },
  good: { box: 'bg-good-tint text-ink border-good/30', sign: '✓', ink: 'text-good' },
  warn: { box: 'bg-warn-tint text-ink border-warn/30', sign: '⚠', ink: 'text-warn' },
  bad: { box: 'bg-bad-tint text-ink border-bad/30', sign: '✕', ink: 'text-bad' },
} as const;

export function Notice({
  tone,
  role,
  children,
}: {
  readonly tone: keyof typeof noticeLooks;
  readonly role?: 'alert' | 'status';
  readonly children: ReactNode;
}): ReactNode {
  const { box, sign, ink } = noticeLooks[tone];
  return (
    <div role={role} className={`notice-${tone} flex gap-3 rounded-xl border px-4 py-3 ${box}`}>
      <span aria-hidden="true" className={`font-semibold ${ink}`}>
        {sign}
      </span>
      <div className="min-w-0 flex-1 space-y-1 break-words">{children}</div>
    </div>
  );
}

/** An error in words, what to do about it, and where its code is explained. */
export function ErrorWords({
  error,
}: {
  readonly error: Pick<ErrorReport, 'message' | 'hint'> & { readonly code: string | null };
}): ReactNode {
  return (
    <>
      <p className="font-medium">{error.message}</p>
      <p>
        {error.hint}{' '}
        {error.code !== null && (
          <Link href={`/docs#${error.code}`} className="text-sm whitespace-nowrap">
            {error.code}
          </Link>
        )}
      </p>
    </>
  );
}

/** What went wrong with a question or an order; nothing where nothing did. */
export function Failure({ error }: { readonly error: unknown }): ReactNode {
  if (error === null || error === undefined) return null;
  return (
    <Notice tone="bad" role="alert">
      <ErrorWords error={toldOf(error)} />
    </Notice>
  );
}

function toldOf(error: unknown): {
  readonly message: string;
  readonly hint: string;
  readonly code: string | null;
} {
  if (error instanceof Error && 'hint' in error && 'code' in error)
    return {
      message: error.message,
      hint: String(error.hint),
      code: typeof error.code === 'string' ? error.code : null,
    };
  return {
    message: 'The service cannot be reached.',
    hint: 'It is tried again by itself. Look whether the service runs, and the network.',
    code: null,
  };
}

export function Heading({
  children,
  aside,
  lead,
}: {
  readonly children: ReactNode;
  readonly aside?: ReactNode;
  readonly lead?: ReactNode;
}): ReactNode {
  return (
    <div className="mb-6 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
      <div className="min-w-0">
        <h1 tabIndex={-1} className="text-2xl font-semibold tracking-tight">
          {children}
        </h1>
        {lead !== undefined && <p className="text-soft mt-1 max-w-prose">{lead}</p>}
      </div>
      {aside}
    </div>
  );
}

export function Loading({ children = 'Loading …' }: { readonly children?: ReactNode }): ReactNode {
  return (
    <p className="text-soft flex items-center gap-2 py-6">
      <span
        aria-hidden="true"
        className="border-line border-t-accent inline-block size-4 animate-spin rounded-full border-2"
      />
      {children}
    </p>
  );
}

export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <div className="card border-dashed px-6 py-10 text-center">
      <p className="font-medium">{title}</p>
      <div className="text-soft mx-auto mt-1 max-w-prose">{children}</div>
    </div>
  );
}

/** Names and values, as a list that reads well. */
export function Facts({
  facts,
}: {
  readonly facts: readonly (readonly [string, ReactNode] | null)[];
}): ReactNode {
  return (
    <dl className="grid grid-cols-[max-content_1fr] gap-x-5 gap-y-1.5 text-sm max-sm:grid-cols-1 max-sm:gap-y-0">
      {facts.map((fact) =>
        fact === null ? null : (
          <div key={fact[0]} className="contents max-sm:mb-2 max-sm:block">
            <dt className="text-soft">{fact[0]}</dt>
            <dd className="min-w-0 break-words">{fact[1]}</dd>
          </div>
        ),
      )}
    </dl>
  );
}

/** How far something is, for eyes and for screen readers. */
export function Bar({
  percent,
  label,
  text,
  tone = 'accent',
}: {
  readonly percent: number;
  readonly label: string;
  readonly text: string;
  readonly tone?: 'accent' | 'good' | 'bad' | 'warn';
}): ReactNode {
  const fills = { accent: 'bg-accent', good: 'bg-good', bad: 'bg-bad', warn: 'bg-warn' };
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={percent}
      aria-valuetext={text}
      className="bg-sunk h-2.5 overflow-hidden rounded-full"
    >
      <div
        className={`h-full rounded-full transition-[width] ${fills[tone]}`}
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}

export function Fold({
  title,
  open = false,
  children,
}: {
  readonly title: string;
  readonly open?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  return (
    <details open={open} className="card group">
      <summary className="flex min-h-11 items-center gap-2 px-4 py-2.5 font-medium select-none">
        <span aria-hidden="true" className="text-soft transition-transform group-open:rotate-90">
          ›
        </span>
        {title}
      </summary>
      <div className="border-line border-t px-4 py-4">{children}</div>
    </details>
  );
}
