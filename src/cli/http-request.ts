import http from 'node:http';
import https from 'node:https';
import type { IncomingMessage } from 'node:http';

/** With no byte either way for so long, a request is over: as long as a browser waits. */
const silenceMs = 300_000;
/** No answer but a stream is longer. */
const answerBytesMax = 256 * 1024 * 1024;

export interface HttpRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends a request and returns the answer when its head is there. Follows no redirect. Throws what the network says. */
export async function openRequest(
  agent: http.Agent,
  url: URL,
  { method, headers, body, signal }: HttpRequest,
): Promise<IncomingMessage> {
  signal?.throwIfAborted();
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = request(url, { agent, method, headers: { ...headers, ...length }, timeout: silenceMs });
    // Before there is a connection, a request that is destroyed says nothing.
    const onAbort = (): void => {
      outgoing.destroy();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    outgoing.once('close', () => signal?.removeEventListener('abort', onAbort));
    outgoing.once('response', resolve);
    outgoing.on('error', reject);
    outgoing.once('timeout', () => {
      outgoing.destroy(Object.assign(new Error('No answer.'), { code: 'ETIMEDOUT' }));
    });
    outgoing.end(body);
  });
}

/** The whole answer as text. Throws when it was cut short. */
export async function readText(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > answerBytesMax) throw new Error('The answer is far too long.');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
