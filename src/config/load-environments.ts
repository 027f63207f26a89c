import { SyncError } from '../errors/sync-error.ts';
import { parseDatabaseUrl } from '../environments/database-url.ts';
import type { DatabaseUrl } from '../environments/database-url.ts';
import type { Environment, Protection, SearchCluster } from '../environments/environment.ts';
import { nearest } from '../lib/nearest.ts';
import { Secret } from '../lib/secret.ts';
import type { ConfigFile } from './config-file.ts';
import type { EnvSource } from './env-source.ts';
import type { Faults } from './faults.ts';
import { loadDefusal } from './load-defusal.ts';
import { loadMasking } from './load-masking.ts';

const urlVariable = /^([A-Z][A-Z0-9_]*)_DATABASE_URL$/;
/** Holds the jobs, not an application's data. */
const queueVariable = 'QUEUE_DATABASE_URL';
const nameLengthMax = 63;
const protections: readonly Protection[] = ['protected', 'open', 'source-only'];

/**
 * Every `NAME_DATABASE_URL` is an environment `name`: the variable's name in lower case, `_` kept as it is
 * (`EU_STAGING_DATABASE_URL` is `eu_staging`). `production` and `prod` are protected unless something else is said.
 */
export function loadEnvironments(
  env: EnvSource,
  file: ConfigFile,
  faults: Faults,
  defaults: { readonly connectTimeoutSeconds: number },
): Map<string, Environment> {
  const environments = new Map<string, Environment>();
  for (const variable of env.names().toSorted()) {
    const prefix = urlVariable.exec(variable)?.[1];
    if (prefix === undefined || variable === queueVariable) continue;
    const name = prefix.toLowerCase();
    if (name.length > nameLengthMax) {
      faults.add(
        `${env.place(variable)} makes an environment’s name longer than ${nameLengthMax} characters`,
      );
      continue;
    }
    const environment = attempt(faults, () => loadOne(name, prefix, env, file, faults, defaults));
    if (environment !== null) environments.set(name, environment);
  }
  reportTypingSlips(environments, env, file, faults);
  reportStrays(environments, env, faults);
  return environments;
}

function loadOne(
  name: string,
  prefix: string,
  env: EnvSource,
  file: ConfigFile,
  faults: Faults,
  defaults: { readonly connectTimeoutSeconds: number },
): Environment {
  const variable = `${prefix}_DATABASE_URL`;
  const said = file.sections.environments?.[name];
  // Read before the address, which may throw: every fault is wanted.
  const spoken = loadProtection(`${prefix}_PROTECTION`, env, faults);
  const protection = spoken ?? said?.protection;
  if (spoken !== undefined && said?.protection !== undefined && spoken !== said.protection) {
    const other = file.place(['environments', name, 'protection']);
    faults.add(`${env.place(`${prefix}_PROTECTION`)} says one thing and ${other} another; say it once`);
  }
  const cluster = loadSearch(prefix, env, faults);
  const search = cluster === null ? null : { ...cluster, ...defaults };
  const own = parseDatabaseUrl(env.place(variable), env.get(variable) ?? '', defaults);
  const direct = loadDirect(prefix, own, env, faults, defaults);
  const schema =
    env.get(`${prefix}_DATABASE_SCHEMA`) ??
    said?.schema ??
    own.parts.schema ??
    direct?.parts.schema ??
    'public';
  return {
    name,
    database: direct ?? own,
    ...(direct === null ? {} : { clientsUse: own }),
    schema,
    schemas: loadSchemas(name, prefix, schema, env, file, faults),
    search,
    protection: protection ?? (name === 'production' || name === 'prod' ? 'protected' : 'open'),
    defusal: loadDefusal(name, file, faults),
    masking: loadMasking(name, `${prefix}_MASK_SALT`, env, file, faults),
  };
}

/**
 * Prisma's second address, for what a pooler cannot do: a run does nothing else, so it is the one that is used. Null
 * where it is not set, or the same.
 */
function loadDirect(
  prefix: string,
  own: DatabaseUrl,
  env: EnvSource,
  faults: Faults,
  defaults: { readonly connectTimeoutSeconds: number },
): DatabaseUrl | null {
  const variable = `${prefix}_DIRECT_URL`;
  const text = env.get(variable);
  if (text === null || text === env.get(`${prefix}_DATABASE_URL`)) return null;
  const direct = parseDatabaseUrl(env.place(variable), text, defaults);
  const [here, there] = [own.parts.database, direct.parts.database];
  if (here !== there)
    faults.add(
      `${env.place(variable)} names the database "${there}", and ${prefix}_DATABASE_URL names "${here}": both must ` +
        'lead to the same one',
    );
  return direct;
}

/** The word for every schema of a database. */
const wholeDatabase = '*';

/** Undefined where nobody says it. */
function loadSchemas(
  name: string,
  prefix: string,
  own: string,
  env: EnvSource,
  file: ConfigFile,
  faults: Faults,
): Environment['schemas'] {
  const variable = `${prefix}_DATABASE_SCHEMAS`;
  const text = env.get(variable);
  const schemas =
    text === null ? file.sections.environments?.[name]?.schemas : text.split(',').map((one) => one.trim());
  if (schemas === undefined) return undefined;
  const place = text === null ? file.place(['environments', name, 'schemas']) : env.place(variable);
  if (schemas.length === 1 && schemas[0] === wholeDatabase) return null;
  if (schemas.some((schema) => schema === '' || schema === wholeDatabase))
    faults.add(
      `${place} must be names of schemas separated by commas, or "${wholeDatabase}" alone for all of them`,
    );
  else if (!schemas.includes(own))
    faults.add(`${place} must hold the schema of the application’s tables too, which is "${own}"`);
  return [...new Set(schemas)];
}

function loadProtection(variable: string, env: EnvSource, faults: Faults): Protection | undefined {
  const text = env.get(variable);
  if (text === null) return undefined;
  const known = protections.find((value) => value === text);
  if (known === undefined) faults.add(`${env.place(variable)} must be one of ${protections.join(', ')}`);
  return known;
}

function loadSearch(prefix: string, env: EnvSource, faults: Faults): SearchCluster | null {
  const urlsVariable = `${prefix}_TYPESENSE_URL`;
  const keyVariable = `${prefix}_TYPESENSE_API_KEY`;
  const urls = env.get(urlsVariable);
  const key = env.get(keyVariable);
  if (urls === null && key === null) return null;
  if (urls === null) faults.add(`${env.place(keyVariable)} is set, but ${urlsVariable} is not`);
  if (key === null) faults.add(`${env.place(urlsVariable)} is set, but ${keyVariable} is not`);
  const texts = (urls ?? '').split(',').map((url) => url.trim());
  const nodes = texts.map(nodeAddress);
  if (urls !== null && nodes.includes(null)) {
    const which =
      texts.length === 1
        ? 'must be'
        : `must be addresses separated by commas; number ${nodes.indexOf(null) + 1} is not`;
    faults.add(`${env.place(urlsVariable)} ${which} an address like http://host:8108`);
  }
  if (urls === null || key === null) return null;
  return { nodes: nodes.filter((node) => node !== null), apiKey: new Secret(key) };
}

/** `http://host:8108` without a path; null for anything else. A key or a password has no place in it. */
function nodeAddress(text: string): string | null {
  if (!URL.canParse(text)) return null;
  const { protocol, origin, username, password, pathname, search, hash } = new URL(text);
  const plain = username === '' && password === '' && pathname === '/' && search === '' && hash === '';
  return (protocol === 'http:' || protocol === 'https:') && plain ? origin : null;
}

/**
 * A file may name environments this machine has no address for. But a name that is nearly that of an environment here,
 * which the file does not name, is a slip that would leave that environment without its protection.
 */
function reportTypingSlips(
  environments: ReadonlyMap<string, Environment>,
  env: EnvSource,
  file: ConfigFile,
  faults: Faults,
): void {
  const named = Object.keys(file.sections.environments ?? {});
  const unnamed = [...environments.keys()].filter((name) => !named.includes(name));
  for (const name of named) {
    if (environments.has(name)) continue;
    if (env.get(`${name.toUpperCase()}_DATABASE_URL`) !== null) {
      // One whose address is wrong is no environment yet, and is told as that.
      if (name !== name.toLowerCase())
        faults.add(
          `${file.place(['environments', name])}: names of environments are lower case; write "${name.toLowerCase()}"`,
        );
      continue;
    }
    const meant = nearest(name, unnamed);
    if (meant !== null) {
      faults.add(
        `${file.place(['environments', name])}: no environment "${name}" is set; did you mean "${meant}"`,
      );
    }
  }
}

/** A protection, or a search, of an environment that nobody set: a slip in its name, which would protect nothing. */
function reportStrays(environments: ReadonlyMap<string, Environment>, env: EnvSource, faults: Faults): void {
  for (const variable of env.names()) {
    const [, prefix = '', what] =
      /^([A-Z][A-Z0-9_]*)_(PROTECTION|MASK_SALT|DATABASE_SCHEMAS?|DIRECT_URL|TYPESENSE_URL|TYPESENSE_API_KEY)$/.exec(
        variable,
      ) ?? [];
    const name = prefix.toLowerCase();
    if (what === undefined || environments.has(name) || env.get(`${prefix}_DATABASE_URL`) !== null) continue;
    const meant = nearest(name, environments.keys());
    // Other programs have variables that end so (CSRF_PROTECTION=true).
    const ours =
      meant !== null || (what === 'PROTECTION' && protections.some((one) => one === env.get(variable)));
    if (!ours) continue;
    const guess = meant === null ? '' : `; did you mean ${meant.toUpperCase()}_${what}`;
    faults.add(`${env.place(variable)}: no environment "${name}" is set${guess}`);
  }
}

function attempt<T>(faults: Faults, work: () => T): T | null {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof SyncError)) throw error;
    faults.add(error.message.replace(/\.$/, ''));
    return null;
  }
}
