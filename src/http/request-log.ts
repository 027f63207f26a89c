import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import type { HttpLogger } from 'pino-http';
import { loggableError } from './problem.ts';

/**
 * The service's logger: one JSON object a line. Secrets are typed (`Secret`, `DatabaseUrl`) and print without
 * themselves; the redaction is the second net.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: { service: 'multiboard-sync' },
    redact: { paths: ['*.authorization', '*.password', '*.apiKey', 'req.headers'], remove: true },
    serializers: { err: loggableError },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Asked every few seconds by whoever watches the service; a line each would bury the rest. */
const quietPaths = new Set(['/health', '/ready', '/metrics']);

/**
 * One line per request: id, method, path (never the query: people put keys there), status, duration. The id is the
 * caller's `X-Request-Id` where it is a plain word, and goes back in the answer.
 */
export function requestLog(logger: Logger): HttpLogger {
  return pinoHttp({
    logger,
    genReqId: (request: IncomingMessage, response: ServerResponse) => {
      const sent = request.headers['x-request-id'];
      const id = typeof sent === 'string' && /^[\w-]{8,64}$/.test(sent) ? sent : randomUUID();
      response.setHeader('X-Request-Id', id);
      return id;
    },
    autoLogging: { ignore: (request) => quietPaths.has(pathOf(request.url)) },
    customLogLevel: (_request, response) => {
      if (response.statusCode === 500) return 'error';
      return response.statusCode > 500 ? 'warn' : 'info';
    },
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request failed',
    customAttributeKeys: { responseTime: 'durationMs' },
    wrapSerializers: false,
    serializers: {
      req: (request: IncomingMessage & { originalUrl?: string; id: string }) => ({
        id: request.id,
        method: request.method,
        path: pathOf(request.originalUrl ?? request.url),
        from: request.socket.remoteAddress,
      }),
      res: (response: ServerResponse) => ({ status: response.statusCode }),
      err: loggableError,
    },
  });
}

function pathOf(url: string | undefined): string {
  return (url ?? '').split('?', 1)[0] ?? '';
}
