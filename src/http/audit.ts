import type { Request } from 'express';
import type { AuditEntry } from '../access/audit-log.ts';
import type { Pass } from '../access/principal.ts';
import type { HttpDeps } from './ports.ts';
import type { Reply, Route } from './route.ts';

/** Fields of requests that say what it is about; all are names, ids or numbers. */
const told = [
  'id',
  'jobId',
  'name',
  'source',
  'target',
  'environment',
  'environments',
  'left',
  'right',
  'kind',
  'mode',
  'scope',
  'expiresAt',
  'confirm',
  'passOver',
  'skip',
];
const textMax = 300;
/**
 * What was refused was mostly not checked, and whoever is refused may ask again and again: of it names alone are
 * written, and little.
 */
const refusedMax = { text: 63, list: 20, bytes: 2048 } as const;
const doneMax = { text: textMax, list: 100 } as const;
type Most = Readonly<Record<keyof typeof doneMax, number>>;

export interface Audited {
  readonly route: Route;
  readonly pass: Pass;
  readonly request: Request;
  /** Of the route; express has none of them left where a request ends in an error. */
  readonly params: object;
}

export type AuditedEnd = { readonly reply: Reply } | { readonly code: string };

type About = Record<string, string | number | boolean | string[]>;

/** What changes, starts or hands out something, or was refused to. */
export function isAudited({ method, access, path }: Route): boolean {
  return (method !== 'get' || access === 'operate') && path !== '/api/environments/{name}/test';
}

/**
 * Writes down that somebody did something (`reply`), or what he was told instead (`code`). Throws STORAGE_*.
 */
export async function audit(
  { access }: Pick<HttpDeps, 'access'>,
  { route, pass, request, params }: Audited,
  end: AuditedEnd,
): Promise<void> {
  if ('code' in end) {
    await access.audit.append(refusalOf({ route, pass, request, params }, end.code));
    return;
  }
  const body: unknown = request.body;
  const about: About = {};
  for (const part of [request.query, body, params]) addTold(about, part, doneMax);
  const dump: unknown = isObject(body) ? body['dump'] : undefined;
  if (isObject(dump) && typeof dump['id'] === 'string') about['dump'] = dump['id'].slice(0, textMax);
  const answer = 'body' in end.reply ? end.reply.body : undefined;
  if (isObject(answer) && typeof answer['url'] === 'string' && typeof answer['id'] === 'string')
    about['started'] = answer['id'];
  const reason = isObject(body) ? body['reason'] : undefined;
  await access.audit.append({
    actor: pass.principal.actor,
    action: `${route.method.toUpperCase()} ${route.path}`,
    about,
    reason: typeof reason === 'string' ? reason.slice(0, textMax) : null,
    outcome: 'done',
    address: request.socket.remoteAddress ?? null,
  });
}

/** Names of the address first: they stay where the rest is too long for a line. */
function refusalOf({ route, pass, request, params }: Audited, code: string): Omit<AuditEntry, 'at'> {
  const entry = {
    actor: pass.principal.actor,
    action: `${route.method.toUpperCase()} ${route.path}`,
    reason: null,
    outcome: code,
    address: request.socket.remoteAddress ?? null,
  };
  const [ofAddress, about]: [About, About] = [{}, {}];
  addTold(ofAddress, params, refusedMax);
  for (const part of [request.query, request.body as unknown, params]) addTold(about, part, refusedMax);
  const whole = { ...entry, about };
  return Buffer.byteLength(JSON.stringify(whole)) > refusedMax.bytes ? { ...entry, about: ofAddress } : whole;
}

function addTold(about: About, part: unknown, most: Most): void {
  if (!isObject(part)) return;
  for (const key of told) {
    const value = part[key];
    if (typeof value === 'string') about[key] = value.slice(0, most.text);
    else if (typeof value === 'number' || typeof value === 'boolean') about[key] = value;
    else if (Array.isArray(value))
      about[key] = value.slice(0, most.list).map((one) => String(one).slice(0, most.text));
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
