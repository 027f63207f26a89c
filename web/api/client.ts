import { storedPass } from './pass.ts';
import type { Operations, Problem as ProblemDocument } from './types.ts';

/** An answer that is a problem document, or what stands for one where the service said something else. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string | null;
  readonly hint: string;

  constructor({ detail, status, code, hint }: Told) {
    super(detail);
    this.status = status;
    this.code = code ?? null;
    this.hint = hint;
  }
}

/** What of a problem document the page shows. */
export type Told = Pick<ProblemDocument, 'detail' | 'status' | 'hint'> & { readonly code?: string };

/** Where the service is: the files of the page lie in its folder `assets`. */
export const serviceUrl: string = /^https?:/.test(import.meta.url)
  ? import.meta.url.replace(/assets\/[^/]*$/, '')
  : 'http://localhost/';

export type Operation = keyof Operations;

type Part<O extends Operation, P extends 'params' | 'query' | 'body'> =
  Record<string, never> extends Operations[O][P]
    ? { readonly [K in P]?: Operations[O][P] }
    : undefined extends Operations[O][P]
      ? { readonly [K in P]?: Operations[O][P] }
      : { readonly [K in P]: Operations[O][P] };

export type Input<O extends Operation> = Part<O, 'params'> & Part<O, 'query'> & Part<O, 'body'>;

interface AnyInput {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: object | undefined;
}

/** `GET /api/jobs/{id}` with its parameters → the whole address. */
export function addressOf(operation: Operation, input: AnyInput): { method: string; url: string } {
  const [method = '', path = ''] = operation.split(' ');
  const filled = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    encodeURIComponent(input.params?.[name] ?? ''),
  );
  const query = new URLSearchParams(
    Object.entries(input.query ?? {}).flatMap(([name, value]) =>
      value === undefined || value === '' ? [] : [[name, String(value)]],
    ),
  ).toString();
  return { method, url: `${serviceUrl}${filled.slice(1)}${query === '' ? '' : `?${query}`}` };
}

export function authorized(pass: string | null, more: Record<string, string> = {}): Record<string, string> {
  return pass === null ? more : { ...more, Authorization: `Bearer ${pass}` };
}

/** Asks the service. Rejects with a `Problem`, or a `TypeError` where it cannot be reached. */
export async function call<O extends Operation>(
  operation: O,
  input: Input<O>,
  options: { readonly signal?: AbortSignal } = {},
): Promise<Operations[O]['answer']> {
  const given: AnyInput = input;
  const { method, url } = addressOf(operation, given);
  const response = await fetch(url, {
    method,
    headers: authorized(storedPass(), given.body === undefined ? {} : { 'Content-Type': 'application/json' }),
    ...(given.body === undefined ? {} : { body: JSON.stringify(given.body) }),
    ...options,
  });
  if (!response.ok) throw await problemOf(response);
  return (response.status === 204 ? null : await response.json()) as Operations[O]['answer'];
}

export async function problemOf(response: Response): Promise<Problem> {
  const told = (await response.json().catch(() => null)) as Told | null;
  return new Problem(
    told ?? {
      detail: `The service answered ${response.status}.`,
      status: response.status,
      hint: 'Look at what stands between this browser and the service.',
    },
  );
}
