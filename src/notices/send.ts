import { createHmac } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { createRequire } from 'node:module';
import type * as Nodemailer from 'nodemailer';
import { SyncError } from '../errors/sync-error.ts';
import { inTime } from '../lib/in-time.ts';
import { httpAgent } from '../lib/network/http-agent.ts';
import { networkWords } from '../lib/network/network-words.ts';
import { version } from '../lib/version.ts';
import type { Channel } from './channel.ts';
import type { Notice } from './notice.ts';

/** Whoever takes a message has so long for its answer. */
const answerMsDefault = 10_000;

/** Whether it may help to try again. Its message holds no address and no secret. */
export class Undelivered extends Error {
  readonly again: boolean;

  constructor(message: string, again: boolean) {
    super(message);
    this.again = again;
  }
}

/** Gives a notice to a channel, once. Throws Undelivered. */
export async function send(
  channel: Channel,
  notice: Notice,
  { now, answerMs = answerMsDefault }: { readonly now: number; readonly answerMs?: number | undefined },
): Promise<void> {
  switch (channel.type) {
    case 'webhook': {
      const body = JSON.stringify(webhookBody(notice));
      const seconds = Math.floor(now / 1000);
      return post(channel.url.reveal(), body, answerMs, {
        'x-multiboard-sync-delivery': createHmac('sha256', channel.name)
          .update(notice.key)
          .digest('hex')
          .slice(0, 32),
        'x-multiboard-sync-timestamp': String(seconds),
        'x-multiboard-sync-signature': `sha256=${signature(channel.secret.reveal(), seconds, body)}`,
      });
    }
    case 'slack':
      return post(channel.url.reveal(), JSON.stringify({ text: slackText(notice) }), answerMs, {});
    case 'email':
      return mail(channel, notice, answerMs);
    default:
      return channel satisfies never;
  }
}

/** HMAC-SHA256 over `seconds.body`: who receives it can tell that it is ours, and how old it is. */
function signature(secret: string, seconds: number, body: string): string {
  return createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
}

function webhookBody({ event, at, environments, title, lines, job, schedule, link }: Notice): object {
  return { version: 1, event, at, environments, title, text: lines.join('\n'), job, schedule, url: link };
}

/** Slack reads &, < and > as its own signs (its documentation, "Formatting text"). */
function slackText({ title, lines, link }: Notice): string {
  const plain = (text: string): string =>
    text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return [`*${plain(title)}*`, ...lines.map(plain), ...(link === null ? [] : [`<${link}>`])].join('\n');
}

/** To this address and no other: a redirect is a failure. Of the answer only the status is looked at. */
async function post(
  address: string,
  body: string,
  answerMs: number,
  headers: Readonly<Record<string, string>>,
): Promise<void> {
  const url = new URL(address);
  const agent = httpAgent(url.protocol, { connectTimeoutMs: answerMs });
  try {
    const status = await inTime(
      new Promise<number>((resolve, reject) => {
        const { request } = url.protocol === 'https:' ? https : http;
        const outgoing = request(url, {
          agent,
          method: 'POST',
          headers: {
            ...headers,
            'content-type': 'application/json',
            'content-length': String(Buffer.byteLength(body)),
            'user-agent': `multiboard-sync/${version}`,
          },
        });
        outgoing.once('response', (answer) => {
          resolve(answer.statusCode ?? 0);
          answer.destroy();
        });
        outgoing.on('error', reject);
        outgoing.end(body);
      }),
      answerMs,
      () => {
        throw new Undelivered(`no answer within ${answerMs / 1000} s`, true);
      },
    );
    if (status >= 200 && status < 300) return;
    if (status >= 300 && status < 400)
      throw new Undelivered(`it leads elsewhere (HTTP ${status}), which is not followed`, false);
    throw new Undelivered(`HTTP ${status}`, status >= 500 || status === 408 || status === 429);
  } catch (error) {
    if (error instanceof Undelivered) throw error;
    throw new Undelivered(networkFact(error), true);
  } finally {
    agent.destroy();
  }
}

/** Loaded where there is a channel of its kind. It has a CommonJS build. */
function nodemailer(): typeof Nodemailer {
  return createRequire(import.meta.url)('nodemailer') as typeof Nodemailer;
}

async function mail(
  { to, from, smtp }: Channel & { readonly type: 'email' },
  { title, lines, link }: Notice,
  answerMs: number,
): Promise<void> {
  const address = new URL(smtp.reveal());
  const secure = address.protocol === 'smtps:';
  const user = decodeURIComponent(address.username);
  const transport = nodemailer().createTransport({
    host: address.hostname.replaceAll(/[[\]]/g, ''),
    port: address.port === '' ? (secure ? 465 : 587) : Number(address.port),
    secure,
    // A password never goes over a line that anybody can read.
    requireTLS: !secure && user !== '',
    ...(user === '' ? {} : { auth: { user, pass: decodeURIComponent(address.password) } }),
    connectionTimeout: answerMs,
    greetingTimeout: answerMs,
    socketTimeout: answerMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    const text = [...lines, ...(link === null ? [] : ['', link])].join('\n');
    await inTime(
      transport.sendMail({ from, to: [...to], subject: `[multiboard-sync] ${title}`, text: `${text}\n` }),
      answerMs * 3,
      () => {
        throw new Undelivered(`no answer within ${(answerMs * 3) / 1000} s`, true);
      },
    );
  } catch (error) {
    if (error instanceof Undelivered) throw error;
    const { code, responseCode } = error as { readonly code?: string; readonly responseCode?: number };
    const answered = responseCode === undefined ? '' : `, answer ${responseCode}`;
    throw new Undelivered(
      `the mail server did not take it (${code ?? 'unknown error'}${answered})`,
      responseCode === undefined || responseCode < 500,
    );
  } finally {
    transport.close();
  }
}

/** Codes alone: a message may hold the address. */
function networkFact(error: unknown): string {
  const { code = 'unknown error' } = error as { readonly code?: string };
  return networkWords[code] ?? `it cannot be reached (${code})`;
}

/** For a person who asked for a test. */
export function undeliveredError(channel: string, error: unknown): SyncError {
  const fact = error instanceof Undelivered ? error.message : 'an error inside';
  return new SyncError('NOTICE_UNDELIVERED', `The channel "${channel}" did not take the message: ${fact}.`, {
    cause: error,
  });
}
