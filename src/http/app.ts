import express from 'express';
import type { ErrorRequestHandler, Express, Request, RequestHandler, Response } from 'express';
import helmet from 'helmet';
import type { Logger } from 'pino';
import { refuseBeyondScope } from '../access/principal.ts';
import type { Pass } from '../access/principal.ts';
import type { Scope } from '../access/scope.ts';
import { SyncError } from '../errors/sync-error.ts';
import { bearerToken } from './api-key.ts';
import { audit, isAudited } from './audit.ts';
import type { Audited, AuditedEnd } from './audit.ts';
import type { Limits } from './limits.ts';
import type { PassWatch } from './pass-watch.ts';
import { servePage } from './page.ts';
import type { HttpDeps } from './ports.ts';
import { loggableError, problemContentType, problemOf } from './problem.ts';
import { requestLog } from './request-log.ts';
import type { Reply, Route } from './route.ts';
import { routes } from './routes.ts';
import { checkSameMachine } from './same-machine.ts';

/** Names and ids only: a body is never larger. */
const bodyLimitBytes = 64 * 1024;

/** Of a route that is open to anybody. */
const anybody: Pass = {
  principal: { actor: 'anybody', scope: 'read', environments: [] },
  holds: () => true,
};

/** Known once somebody was let in. */
interface Locals {
  readonly asked?: Omit<Audited, 'request'>;
}

export interface AppOptions {
  readonly logger: Logger;
  readonly watch: PassWatch;
  readonly limits: Limits;
  /** Aborted when open answers (streams, downloads) have to end. */
  readonly closing: AbortSignal;
}

/**
 * The express application: guards, the page, the route table, problem documents. It trusts no proxy headers; a reverse
 * proxy in front has to limit by client itself.
 */
export function createApp(deps: HttpDeps, options: AppOptions): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders());
  app.use(options.limits.requests);
  app.use(requestLog(options.logger));
  if (deps.access.door.localOnly) {
    app.use((request, _response, next) => {
      checkSameMachine(request.headers);
      next();
    });
  }
  const guard =
    (route: Route, needed: Scope): RequestHandler =>
    (request, response, next) => {
      const pass = deps.access.door.admit(bearerToken(request.headers.authorization));
      const { params } = request;
      Object.assign(response.locals, { asked: { pass, route, params } } satisfies Locals);
      refuseBeyondScope(pass.principal, needed);
      next();
    };
  const json = express.json({ limit: bodyLimitBytes, strict: true });
  for (const route of routes) {
    app[route.method](
      expressPath(route.path),
      ...(route.access === 'open' ? [] : [guard(route, route.access)]),
      ...(route.body === null ? [] : [json]),
      (request, response) => answerRequest(route, deps, request, response, options),
    );
  }
  for (const path of new Set(routes.map((route) => route.path)))
    app.all(expressPath(path), wrongMethod(path));
  app.use(servePage());
  app.use(() => {
    throw new SyncError('USAGE_NOT_FOUND', 'There is nothing at this address.');
  });
  app.use(auditRefusal(deps));
  app.use(answerProblem);
  return app;
}

/** Nothing from elsewhere, nothing inline, no frame. TLS (and HSTS) belongs to the proxy in front. */
function securityHeaders(): RequestHandler {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        'default-src': ["'none'"],
        'script-src': ["'self'"],
        'style-src': ["'self'"],
        'img-src': ["'self'"],
        'connect-src': ["'self'"],
        'form-action': ["'none'"],
        'base-uri': ["'none'"],
        'frame-ancestors': ["'none'"],
      },
    },
    referrerPolicy: { policy: 'no-referrer' },
    strictTransportSecurity: false,
  });
}

async function answerRequest(
  route: Route,
  deps: HttpDeps,
  request: Request,
  response: Response,
  { closing, watch }: AppOptions,
): Promise<void> {
  const { pass } = (response.locals as Locals).asked ?? { pass: anybody };
  const gone = new AbortController();
  const either = new AbortController();
  const onClosing = (): void => {
    either.abort(new SyncError('SERVICE_STOPPING', 'The service is stopping.'));
  };
  if (closing.aborted) onClosing();
  closing.addEventListener('abort', onClosing, { once: true });
  // What goes on for long (a stream, a download, a plan) ends when the pass does.
  const unwatch = watch.add(pass, (reason) => {
    gone.abort(reason);
    either.abort(reason);
    if (response.headersSent) response.destroy();
  });
  response.once('close', () => {
    unwatch();
    closing.removeEventListener('abort', onClosing);
    const reason = new SyncError('CANCELLED', 'The client closed the connection before the answer.');
    gone.abort(reason);
    either.abort(reason);
  });
  const reply = await route.answer(deps, {
    params: request.params,
    query: request.query,
    body: request.body as unknown,
    header: (name) => request.get(name),
    pass,
    gone: gone.signal,
    closing,
    signal: either.signal,
  });
  if (isAudited(route))
    await audited(deps, request, { route, pass, request, params: request.params }, { reply });
  await send(reply, response);
}

/** What was done stays done where the disk does not take a line more; that is an error in the log. */
async function audited(deps: HttpDeps, { log }: Request, what: Audited, end: AuditedEnd): Promise<void> {
  await audit(deps, what, end).catch((error: unknown) => {
    log.error(loggableError(error), 'What somebody did could not be written to the audit log');
  });
}

async function send(reply: Reply, response: Response): Promise<void> {
  if ('stream' in reply) {
    await reply.stream(response);
    return;
  }
  // What a job is now must not come from a cache a moment later.
  response.status(reply.status).set('Cache-Control', 'no-store');
  if ('text' in reply) {
    response.type(reply.contentType).send(reply.text);
    return;
  }
  if (reply.headers !== undefined) response.set(reply.headers);
  if (reply.body === undefined) response.end();
  else response.json(reply.body);
}

/** Of somebody who was let in, and whose request did not end well. */
const auditRefusal =
  (deps: HttpDeps): ErrorRequestHandler =>
  async (thrown: unknown, request, response, next) => {
    const { asked } = response.locals as Locals;
    if (asked !== undefined && isAudited(asked.route))
      await audited(deps, request, { ...asked, request }, { code: problemOf(thrown).code });
    next(thrown);
  };

const answerProblem: ErrorRequestHandler = (thrown: unknown, request, response, _next) => {
  // Too late for an answer: a broken connection is the only way to say that this one is not whole.
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const problem = problemOf(thrown, requestId(request));
  if (problem.status === 500) request.log.error(loggableError(thrown), 'request failed inside');
  if (problem.status === 401) response.set('WWW-Authenticate', 'Bearer realm="multiboard-sync"');
  response.status(problem.status).set('Cache-Control', 'no-store');
  response.type(problemContentType).send(JSON.stringify(problem));
};

/** Set by the request log, always a text. */
function requestId({ id }: Request): string {
  return typeof id === 'string' ? id : '';
}

function wrongMethod(path: string): RequestHandler {
  const allowed = routes.filter((route) => route.path === path).map((route) => route.method.toUpperCase());
  return (request, response) => {
    response.set('Allow', allowed.join(', '));
    throw new SyncError(
      'USAGE_METHOD',
      `${request.method} is not possible at ${path}; it takes ${allowed.join(', ')}.`,
    );
  };
}

/** `/api/jobs/{id}` → `/api/jobs/:id`. */
function expressPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}
