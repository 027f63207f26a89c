import { once } from 'node:events';
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Logger } from 'pino';
import { Server } from 'socket.io';
import type { Socket } from 'socket.io';
import { z } from 'zod';
import type { Pass } from '../access/principal.ts';
import { SyncError } from '../errors/sync-error.ts';
import { followJob } from './job-feed.ts';
import type { Limits } from './limits.ts';
import type { PassWatch } from './pass-watch.ts';
import type { HttpDeps } from './ports.ts';
import { loggableError, problemOf } from './problem.ts';
import { checkSameMachine } from './same-machine.ts';

/** A client names jobs, nothing more. */
const messageBytesMax = 16 * 1024;
/** Jobs one socket may follow at once. */
const followedMax = 20;

const handshakeSchema = z.looseObject({ token: z.string().optional() });
const subscriptionSchema = z.strictObject({ id: z.string().min(1).max(128) });

export interface LiveSocketsOptions {
  readonly logger: Logger;
  readonly limits: Limits;
  readonly watch: PassWatch;
  readonly closing: AbortSignal;
}

export interface LiveSockets {
  /** Resolves when no feed is on its way any more; after `closing` that is soon. */
  settled(): Promise<void>;
  /** Disconnects everyone and closes the HTTP server. */
  close(): Promise<void>;
}

/**
 * The same feed as the event stream, over socket.io: `job:subscribe {id}` starts it and `job:unsubscribe {id}` ends it
 * (both acknowledge with `{ok}` or `{ok: false, problem}`). It arrives as `job` messages `{type, id, …}` with the types
 * of the stream: `job` and `progress` (the present state at once), `log`, `gap`, `end`; a feed that breaks ends with
 * `{type: 'error', id, problem}`. The API key, or a token of any scope, is the handshake's
 * `auth.token`; when that token ends, so does the socket.
 */
export function attachLiveSockets(
  http: HttpServer,
  deps: HttpDeps,
  options: LiveSocketsOptions,
): LiveSockets {
  const feeds = new Set<Promise<void>>();
  const server = new Server(http, {
    serveClient: false,
    maxHttpBufferSize: messageBytesMax,
    allowRequest: (request, answer) => {
      void mayConnect(request, deps, options.limits).then(
        () => {
          answer(null, true);
        },
        (error: unknown) => {
          answer(problemOf(error).code, false);
        },
      );
    },
  });
  const passes = new WeakMap<Socket, Pass>();
  const letIn = async (socket: Socket, next: (refused?: Error) => void): Promise<void> => {
    const { handshake } = socket;
    const token = handshakeSchema.safeParse(handshake.auth).data?.token ?? null;
    let refused: Error | undefined;
    try {
      passes.set(socket, await options.limits.admit(deps.access.door, token, handshake.address));
    } catch (error) {
      const problem = problemOf(error);
      refused = Object.assign(new Error(problem.code), { data: problem });
    }
    next(refused);
  };
  server.use((socket, next) => {
    void letIn(socket, next);
  });
  server.on('connection', (socket) => {
    const pass = passes.get(socket);
    if (pass !== undefined)
      socket.once(
        'disconnect',
        options.watch.add(pass, () => {
          socket.disconnect(true);
        }),
      );
    serveSocket(socket, deps, options, feeds);
  });
  return {
    settled: async () => {
      await Promise.all(feeds);
    },
    close: () => server.close(),
  };
}

/** Handshakes are counted as requests are; polls and frames of a connected socket are not. */
async function mayConnect(request: IncomingMessage, deps: HttpDeps, limits: Limits): Promise<void> {
  if (deps.access.door.localOnly) checkSameMachine(request.headers);
  if (new URL(request.url ?? '/', 'http://localhost').searchParams.has('sid')) return;
  await limits.handshake(request);
}

function serveSocket(
  socket: Socket,
  deps: HttpDeps,
  { logger, closing }: LiveSocketsOptions,
  feeds: Set<Promise<void>>,
): void {
  const followed = new Map<string, AbortController>();
  socket.once('disconnect', () => {
    for (const following of followed.values())
      following.abort(new SyncError('CANCELLED', 'The socket closed.'));
  });

  socket.on('job:subscribe', (message: unknown, acknowledge: unknown) => {
    const answer = answerer(acknowledge);
    const subscription = subscriptionSchema.safeParse(message);
    if (!subscription.success || (followed.size >= followedMax && !followed.has(subscription.data.id))) {
      answer(new SyncError('USAGE_INVALID', `job:subscribe takes {id}, for at most ${followedMax} jobs.`));
      return;
    }
    const { id } = subscription.data;
    if (followed.has(id)) {
      answer(null);
      return;
    }
    const following = new AbortController();
    followed.set(id, following);
    const feed = follow(id, following.signal, answer).finally(() => {
      followed.delete(id);
      feeds.delete(feed);
    });
    feeds.add(feed);
  });

  socket.on('job:unsubscribe', (message: unknown, acknowledge: unknown) => {
    const id = subscriptionSchema.safeParse(message).data?.id ?? '';
    followed.get(id)?.abort(new SyncError('CANCELLED', 'The client unsubscribed.'));
    answerer(acknowledge)(null);
  });

  const follow = async (id: string, signal: AbortSignal, answer: (error: unknown) => void): Promise<void> => {
    let answered = false;
    try {
      for await (const item of followJob(deps, id, { signal, closing })) {
        if (!answered) answer(null);
        answered = true;
        if (item.type === 'ping') continue;
        socket.emit('job', { id, ...item });
        // A packet waits in this buffer while the one before is not yet with the operating system.
        while (unsent(socket).length > 0) await once(socket.conn, 'drain', { signal });
      }
    } catch (error) {
      if (signal.aborted) return;
      logger.warn(loggableError(error), 'socket feed failed');
      if (answered) socket.emit('job', { id, type: 'error', problem: problemOf(error) });
      else answer(error);
    }
  };
}

/** Packets not yet handed to the transport; engine.io has no public name for them. */
function unsent({ conn }: Socket): readonly unknown[] {
  return (conn as unknown as { readonly writeBuffer: readonly unknown[] }).writeBuffer;
}

/** The client's acknowledgement callback, where it sent one. */
function answerer(acknowledge: unknown): (error: unknown) => void {
  if (typeof acknowledge !== 'function') return () => {};
  const call = acknowledge as (answer: object) => void;
  return (error) => {
    call(error === null ? { ok: true } : { ok: false, problem: problemOf(error) });
  };
}
