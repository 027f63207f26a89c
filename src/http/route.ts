import type { Response } from 'express';
import { z } from 'zod';
import { refuseOthers } from '../access/principal.ts';
import type { Pass } from '../access/principal.ts';
import type { Scope } from '../access/scope.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { HttpDeps } from './ports.ts';

/** What a handler gives back. `stream` writes the answer itself and resolves when it has ended. */
export type Reply =
  | {
      readonly status: number;
      readonly body?: object;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | { readonly status: number; readonly text: string; readonly contentType: string }
  | { readonly stream: (response: Response) => Promise<void> };

export interface Answer {
  readonly description: string;
  /** A JSON answer's schema. */
  readonly schema?: z.ZodType;
  /** Another kind of answer. */
  readonly contentType?: string;
}

/** A request before its parts are checked. */
export interface RawRequest {
  readonly params: unknown;
  readonly query: unknown;
  readonly body: unknown;
  readonly header: (name: string) => string | undefined;
  /** Who asks. */
  readonly pass: Pass;
  /** Aborted when the client is gone. */
  readonly gone: AbortSignal;
  /** Aborted when the service closes: a stream then says its last. */
  readonly closing: AbortSignal;
  /** Aborted by either. */
  readonly signal: AbortSignal;
}

type Shape = z.ZodRawShape;
type Parsed<T extends Shape> = z.infer<z.ZodObject<T, z.core.$strict>>;

/** A request whose parts were checked. */
type Checked<P extends Shape, Q extends Shape, B extends z.ZodType> = Omit<
  RawRequest,
  'params' | 'query' | 'body'
> & {
  readonly params: Parsed<P>;
  readonly query: Parsed<Q>;
  readonly body: z.infer<B>;
};

/**
 * What a caller has to have. `operate` also has to say whose the thing is that is done, changed or handed out: a token
 * may be for some environments only (`refuseOthers`). It is asked before the route does anything.
 */
type Access<P extends Shape, Q extends Shape, B extends z.ZodType> =
  | { readonly access: 'open' | Exclude<Scope, 'operate'>; readonly owners?: undefined }
  | {
      readonly access: 'operate';
      readonly owners: (
        deps: HttpDeps,
        request: Checked<P, Q, B>,
      ) => readonly string[] | Promise<readonly string[]>;
    };

/** More than ten fields: it is a row of the table of routes, with all that OpenAPI shows of one. */
interface Shown<P extends Shape, Q extends Shape, B extends z.ZodType> {
  readonly method: 'get' | 'post' | 'delete';
  /** OpenAPI's spelling: `/api/jobs/{id}`. */
  readonly path: string;
  readonly tag:
    | 'Run'
    | 'Jobs'
    | 'Environments'
    | 'Dumps'
    | 'Kept'
    | 'Schedules'
    | 'Notices'
    | 'Access'
    | 'Service';
  readonly summary: string;
  readonly description?: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly answers: Readonly<Record<number, Answer>>;
  readonly handle: (deps: HttpDeps, request: Checked<P, Q, B>) => Promise<Reply>;
}

type Definition<P extends Shape, Q extends Shape, B extends z.ZodType> = Shown<P, Q, B> & Access<P, Q, B>;

/** A row of the route table: what OpenAPI shows and how a request is answered, from one declaration. */
export interface Route extends Pick<
  Shown<Shape, Shape, z.ZodType>,
  'method' | 'path' | 'tag' | 'summary' | 'answers'
> {
  readonly access: 'open' | Scope;
  readonly description: string | null;
  readonly params: z.ZodType | null;
  readonly query: z.ZodType | null;
  readonly body: z.ZodType | null;
  /** Checks the request's parts, then handles it. Throws AUTH_FORBIDDEN, and USAGE_INVALID naming each fault's path. */
  readonly answer: (deps: HttpDeps, raw: RawRequest) => Promise<Reply>;
}

/** Declares a route. Unknown parameters and properties are refused. */
export function route<P extends Shape = Shape, Q extends Shape = Shape, B extends z.ZodType = z.ZodUndefined>(
  definition: Definition<P, Q, B>,
): Route {
  const { method, path, access, tag, summary, description, answers, body, handle } = definition;
  const params = z.strictObject(definition.params ?? ({} as P));
  const query = z.strictObject(definition.query ?? ({} as Q));
  return {
    method,
    path,
    access,
    tag,
    summary,
    answers,
    description: description ?? null,
    params: definition.params === undefined ? null : params,
    query: definition.query === undefined ? null : query,
    body: body ?? null,
    answer: async (deps, raw) => {
      const faults: string[] = [];
      const request = {
        header: raw.header,
        pass: raw.pass,
        gone: raw.gone,
        closing: raw.closing,
        signal: raw.signal,
        params: checked(params, raw.params, 'path', faults),
        query: checked(query, raw.query, 'query', faults),
        body: (body === undefined ? undefined : checked(body, raw.body, 'body', faults)) as z.infer<B>,
      };
      if (faults.length > 0) {
        throw new SyncError('USAGE_INVALID', `The request is not valid: ${faults.join('; ')}.`, {
          details: { issues: faults },
        });
      }
      const whole = request as Checked<P, Q, B>;
      if (definition.access === 'operate')
        refuseOthers(raw.pass.principal, await definition.owners(deps, whole));
      return handle(deps, whole);
    },
  };
}

/** Zod's messages name what is expected and unknown keys, never the value that came. */
function checked(schema: z.ZodType, value: unknown, where: string, faults: string[]): unknown {
  if (where === 'body' && value === undefined) {
    faults.push('body: a JSON object is needed, with Content-Type: application/json');
    return undefined;
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  for (const { path, message } of result.error.issues) {
    faults.push(`${[where, ...path.map(String)].join('.')}: ${message}`);
  }
  return undefined;
}
