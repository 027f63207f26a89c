import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { policyFor } from '../environments/table-policy.ts';
import { SyncError } from '../errors/sync-error.ts';
import type { Config } from './config.ts';
import { loadConfig } from './load-config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'multiboard-sync-config-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const yaml = (text: string, at = folder): void =>
  writeFileSync(join(at, 'multiboard-sync.config.yaml'), text);
const load = (env: Record<string, string> = {}, cwd = folder): Config => loadConfig({ env, cwd });

function faults(env: Record<string, string> = {}): readonly string[] {
  try {
    load(env);
  } catch (error) {
    expect(error).toBeInstanceOf(SyncError);
    const { code, details, message } = error as SyncError;
    expect(code).toBe('CONFIG_INVALID');
    expect(inspect(error, { depth: 9 })).not.toContain('S3CR3T');
    return (details['faults'] as readonly string[] | undefined) ?? [message];
  }
  throw new Error('no fault found');
}

const url = 'postgresql://me:S3CR3T@db.example/app';

describe('loadConfig', () => {
  it('has a default for everything', () => {
    const config = load();
    expect(config).toMatchObject({
      tablePolicies: [],
      mustHaveRows: [],
      directories: {
        data: join(folder, 'data'),
        dumps: join(folder, 'data/dumps'),
        backups: join(folder, 'data/backups'),
      },
      dumps: { compression: 'none', retentionDays: 7, maxBytes: 50_000_000_000 },
      sync: {
        workers: 4,
        backup: 'file',
        owners: true,
        privileges: true,
        secrets: false,
        tablespaces: true,
        untriedServers: false,
        ignoreMigrations: false,
        databaseSettings: 'target',
        lockWaitSeconds: 30,
        keepDatabaseHours: 24,
        keepDatabases: 100,
        keepDatabaseBytes: 100_000_000_000_000,
      },
      jobs: { maxConcurrent: 2, timeoutMinutes: 120, redisUrl: null, queueDatabaseUrl: null },
      http: { host: '127.0.0.1', port: 3000, portIsChosen: false, apiKey: null, requestsPerMinute: 300 },
      logLevel: 'info',
    });
    expect(config.environments.size).toBe(0);
    expect(config.collections.map(({ name }) => name)).toEqual(['components', 'attributes', 'parts']);
  });

  it('makes an environment of every NAME_DATABASE_URL', () => {
    const { environments } = load({
      PRODUCTION_DATABASE_URL: url,
      EU_STAGING_DATABASE_URL: `${url}?schema=multiboard`,
      DEV_DATABASE_URL: url,
      DEV_DATABASE_SCHEMA: 'mine',
      DEV_TYPESENSE_URL: 'http://a:8108, https://b.example/',
      DEV_TYPESENSE_API_KEY: 'S3CR3T',
      DEV_PROTECTION: 'source-only',
      SOURCE_DATABASE_URL: url,
      QUEUE_DATABASE_URL: url,
      DATABASE_URL: 'mysql://not-ours',
      EMPTY_DATABASE_URL: '',
    });
    expect([...environments.keys()]).toEqual(['dev', 'eu_staging', 'production', 'source']);
    expect(environments.get('production')).toMatchObject({
      schema: 'public',
      protection: 'protected',
      search: null,
    });
    expect(environments.get('eu_staging')).toMatchObject({ schema: 'multiboard', protection: 'open' });
    expect(environments.get('dev')).toMatchObject({
      schema: 'mine',
      protection: 'source-only',
      search: { nodes: ['http://a:8108', 'https://b.example'] },
    });
    expect(environments.get('dev')?.search?.apiKey.reveal()).toBe('S3CR3T');
    expect(inspect(environments, { depth: 9 })).not.toContain('S3CR3T');
  });

  it('reads the operational variables', () => {
    const config = load({
      REDIS_URL: 'redis://:S3CR3T@r:6379',
      QUEUE_DATABASE_URL: url,
      PORT: '8080',
      HOST: '0.0.0.0',
      API_KEY: 'S3CR3T',
      MAX_CONCURRENT_JOBS: '3',
      JOB_TIMEOUT_MINUTES: '45',
      AUTO_BACKUP: 'false',
      ENABLE_COMPRESSION: 'TRUE',
      BACKUP_RETENTION_DAYS: '30',
      MAX_DUMP_SIZE_GB: '2.5',
      DATA_DIRECTORY: '/var/lib/mb',
      DUMP_DIRECTORY: 'dumps-here',
      LOG_LEVEL: 'debug',
    });
    expect(config).toMatchObject({
      directories: { data: '/var/lib/mb', dumps: join(folder, 'dumps-here'), backups: '/var/lib/mb/backups' },
      dumps: { compression: 'gzip', retentionDays: 30, maxBytes: 2_500_000_000 },
      sync: { backup: 'kept' },
      jobs: { maxConcurrent: 3, timeoutMinutes: 45 },
      http: { host: '0.0.0.0', port: 8080 },
      logLevel: 'debug',
    });
    expect(config.jobs.redisUrl?.reveal()).toBe('redis://:S3CR3T@r:6379');
    expect(JSON.stringify(config)).not.toContain('S3CR3T');
  });

  it('puts the process over .env over the file over the default', () => {
    yaml('http:\n  port: 1111\nsync:\n  workers: 2\ndumps:\n  retentionDays: 9\n');
    writeFileSync(
      join(folder, '.env'),
      'PORT=2222\nSYNC_WORKERS=3\nexport DEV_DATABASE_URL="postgresql://u@h/d"\n',
    );
    const config = load({ PORT: '3333' });
    expect(config).toMatchObject({ http: { port: 3333 }, sync: { workers: 3 }, dumps: { retentionDays: 9 } });
    expect(config.environments.has('dev')).toBe(true);
    expect(load({ DEV_DATABASE_URL: '' }).environments.has('dev')).toBe(false);
  });

  it('finds the file upward, and starts its paths and the data folder there', () => {
    yaml('directories:\n  dumps: ./kept\n');
    const below = join(folder, 'a', 'b');
    mkdirSync(below, { recursive: true });
    expect(load({}, below).directories).toEqual({
      data: join(folder, 'data'),
      dumps: join(folder, 'kept'),
      backups: join(folder, 'data/backups'),
    });
  });

  it('reads a file named by hand', () => {
    writeFileSync(join(folder, 'other.yaml'), 'logLevel: warn\n');
    expect(loadConfig({ env: {}, cwd: folder, file: 'other.yaml' }).logLevel).toBe('warn');
    expect(load({ MULTIBOARD_SYNC_CONFIG: 'other.yaml' }).logLevel).toBe('warn');
    expect(faults({ MULTIBOARD_SYNC_CONFIG: 'none.yaml' })[0]).toMatch(/none\.yaml does not exist/);
  });

  it('uses Prisma’s direct address where there is one, of the same database', () => {
    const pooled =
      'postgresql://app:secret@pooler.example.org:6543/postgres?pgbouncer=true&schema=multiboard';
    const direct = 'postgresql://app:other@db.example.org:5432/postgres';
    const { environments } = load({ STAGING_DATABASE_URL: pooled, STAGING_DIRECT_URL: direct });
    const staging = environments.get('staging');
    expect([staging?.database.toString(), staging?.clientsUse?.toString(), staging?.schema]).toEqual([
      'app@db.example.org:5432/postgres',
      'app@pooler.example.org:6543/postgres',
      'multiboard',
    ]);
    const same = load({ STAGING_DATABASE_URL: direct, STAGING_DIRECT_URL: direct }).environments.get(
      'staging',
    );
    expect(same?.clientsUse).toBeUndefined();
    expect(faults({ STAGING_DATABASE_URL: pooled, STAGING_DIRECT_URL: `${direct}x` })).toEqual([
      expect.stringMatching(
        /STAGING_DIRECT_URL names the database "postgresx", and .*"postgres": both must lead/,
      ),
    ]);
    expect(faults({ STAGING_DATABASE_URL: pooled, STAGIN_DIRECT_URL: direct })).toEqual([
      expect.stringContaining('did you mean STAGING_DIRECT_URL'),
    ]);
    const broken = faults({
      STAGING_DATABASE_URL: pooled,
      STAGING_DIRECT_URL: 'postgresql://a:secret@b/c?sslmod=no',
    });
    expect(broken.join()).toMatch(/STAGING_DIRECT_URL has a parameter/);
    expect(broken.join()).not.toContain('secret');
  });

  it('reads policies in order, before those of the preset', () => {
    yaml(`preset: multiboard
environments:
  staging: { protection: protected, schema: multiboard }
  elsewhere:
tables:
  Profile: truncate
  "audit.*": exclude
mustHaveRows: [Part]
collections: []
`);
    const config = load({ STAGING_DATABASE_URL: url });
    expect(policyFor(config.tablePolicies, 'public', 'Profile')).toBe('truncate');
    expect(policyFor(config.tablePolicies, 'audit', 'log')).toBe('exclude');
    expect(policyFor(config.tablePolicies, 'public', 'ListPart')).toBe('preserve');
    expect(policyFor(config.tablePolicies, 'public', '_prisma_migrations')).toBe('exclude');
    expect(config).toMatchObject({ mustHaveRows: ['Part'], collections: [] });
    expect(config.environments.get('staging')).toMatchObject({
      protection: 'protected',
      schema: 'multiboard',
    });
  });

  it('keeps and skips no table of a stranger’s database', () => {
    const { tablePolicies } = load();
    expect(policyFor(tablePolicies, 'public', 'Profile')).toBe('sync');
    expect(policyFor(load({ SYNC_PRESET: 'multiboard' }).tablePolicies, 'public', 'Profile')).toBe(
      'preserve',
    );
    expect(load({ SYNC_PRESET: 'multiboard' }).mustHaveRows).toContain('_AttributeValueToPart');
  });

  it('lists every fault of the environment, without a value', () => {
    writeFileSync(join(folder, '.env'), '# note\nPORT=S3CR3T\nTEST_DATABASE_URL=mysql://x:S3CR3T@h/d\n');
    expect(
      faults({
        MAX_CONCURRENT_JOBS: '0',
        ENABLE_COMPRESSION: 'S3CR3T',
        REDIS_URL: 'http://S3CR3T',
        DEV_DATABASE_URL: url,
        DEV_TYPESENSE_URL: 'http://a,S3CR3T',
        DEV_PROTECTION: 'S3CR3T',
        ONE_DATABASE_URL: url,
        ONE_TYPESENSE_API_KEY: 'S3CR3T',
        TWO_DATABASE_URL: url,
        TWO_TYPESENSE_URL: 'http://S3CR3T:pass@h',
        TWO_TYPESENSE_API_KEY: 'k',
      }),
    ).toEqual([
      'DEV_PROTECTION must be one of protected, open, source-only',
      'DEV_TYPESENSE_URL is set, but DEV_TYPESENSE_API_KEY is not',
      'DEV_TYPESENSE_URL must be addresses separated by commas; number 2 is not an address like http://host:8108',
      'ONE_TYPESENSE_API_KEY is set, but ONE_TYPESENSE_URL is not',
      '.env:3: TEST_DATABASE_URL is not a database address (postgresql://user:password@host:5432/database)',
      'TWO_TYPESENSE_URL must be an address like http://host:8108',
      'ENABLE_COMPRESSION must be true or false',
      'MAX_CONCURRENT_JOBS must be a whole number from 1 to 32',
      'REDIS_URL must be an address that starts with redis:// or rediss://',
      '.env:2: PORT must be a whole number from 0 to 65535',
    ]);
  });

  it('lists every fault of the file with its line, without a value', () => {
    yaml(`presett: multiboard
dumps:
  compress: S3CR3T
  retentionDay: 3
environments:
  prod:
    protection: S3CR3T
    url: S3CR3T
tables:
  Profile: S3CR3T
mustHaveRows: S3CR3T
collections:
  - name: parts
    query: ""
    fields:
      - name: a
        type: S3CR3T
        facett: true
apiKey: S3CR3T
`);
    const name = 'multiboard-sync.config.yaml';
    expect(faults().toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))).toEqual([
      `${name}:1: unknown key "presett"; did you mean "preset"`,
      `${name}:3: dumps.compress must be true or false`,
      `${name}:4: unknown key "retentionDay" in dumps; did you mean "retentionDays"`,
      `${name}:7: environments.prod.protection must be one of protected, open, source-only`,
      `${name}:8: unknown key "url" in environments.prod`,
      `${name}:10: tables.Profile must be one of sync, preserve, truncate, exclude, schemaOnly`,
      `${name}:11: mustHaveRows must be a list of tables`,
      `${name}:14: collections.0.query is not right: Too small: expected string to have >=1 characters`,
      expect.stringMatching(/:17: collections\.0\.fields\.0\.type must be one of "string"/),
      `${name}:18: unknown key "facett" in collections.0.fields.0; did you mean "facet"`,
      `${name}:19: unknown key "apiKey"`,
    ]);
  });

  it.each([
    ['tables: [a, S3CR3T', /^multiboard-sync\.config\.yaml:1: Flow sequence/],
    ['a: 1\na: S3CR3T', /:2: Map keys must be unique$/],
    ['logLevel: [x]] S3CR3T', /:1: Unexpected flow-seq-end token in YAML stream$/],
    ['logLevel: *S3CR3T', /uses a YAML alias/],
    ['- S3CR3T', /:1: the file must be object/],
    ['tables:\n  Part: !odd sync', /:2: Unresolved tag$/],
    ['tables:\n  a.b.c: preserve', /:2: tables\.a\.b\.c must name a table as Name, schema\.Name or /],
    ['mustHaveRows: [a.b.c]', /:1: mustHaveRows\.0 must name a table as /],
  ])('refuses broken YAML: %s', (text, message) => {
    yaml(text);
    expect(faults()[0]).toMatch(message);
  });

  it('takes an empty file for no file', () => {
    yaml('# nothing yet\n');
    expect(load().logLevel).toBe('info');
  });

  it('finds a name that is nearly that of an environment here', () => {
    yaml('environments:\n  prodution: { protection: source-only }\n');
    expect(faults({ PRODUCTION_DATABASE_URL: url })).toEqual([
      'multiboard-sync.config.yaml:2: no environment "prodution" is set; did you mean "production"',
    ]);
  });

  it('refuses a name in other letters, which would protect nothing', () => {
    yaml('environments:\n  Production: { protection: source-only }\n');
    expect(faults({ PRODUCTION_DATABASE_URL: url })).toEqual([
      'multiboard-sync.config.yaml:2: names of environments are lower case; write "production"',
    ]);
    yaml('');
    expect(faults({ PROD_DATABASE_URL: url, Prod_PROTECTION: 'source-only' })).toEqual([
      'Prod_PROTECTION is no setting; did you mean PROD_PROTECTION',
    ]);
  });

  it('refuses two collections of one name', () => {
    yaml(`collections:
  - { name: parts, query: q, fields: [{ name: a, type: string }] }
  - { name: parts, query: q, fields: [{ name: a, type: string }] }
`);
    expect(faults()).toEqual(['multiboard-sync.config.yaml:3: a collection "parts" is already there']);
  });
});

describe('masks of an environment', () => {
  const salt = { PRODUCTION_DATABASE_URL: url, PRODUCTION_MASK_SALT: 'S3CR3T of 16 characters' };

  it('are rules by table and column, filters, and a key that is not the salt', () => {
    yaml(
      'environments:\n  production:\n    requireMasks: true\n    masks:\n      users: { email: email, note: null, ' +
        'zip: { sql: "left(zip, 2)" }, pin: { fixed: 0 } }\n    where:\n      a.b: x > 1\n      c: { sql: y, pointing: follow }\n',
    );
    const masking = load(salt).environments.get('production')?.masking;
    expect(masking).toMatchObject({
      required: true,
      masks: [{ table: 'users', said: 'multiboard-sync.config.yaml:5' }],
      filters: [
        { table: 'a.b', sql: 'x > 1', pointing: 'refuse' },
        { table: 'c', sql: 'y', pointing: 'follow' },
      ],
    });
    expect([...(masking?.masks[0]?.columns ?? [])]).toEqual([
      ['email', { kind: 'email' }],
      ['note', { kind: 'null' }],
      ['zip', { kind: 'sql', sql: 'left(zip, 2)' }],
      ['pin', { kind: 'fixed', value: '0' }],
    ]);
    expect(masking?.key?.reveal()).not.toContain('S3CR3T');
    expect(load({ STAGING_DATABASE_URL: url }).environments.get('staging')?.masking).toBeNull();
  });

  it('are refused with their places', () => {
    yaml('environments:\n  production:\n    masks:\n      users: { email: mail }\n    where: { t: [] }\n');
    expect(faults(salt)).toEqual([
      expect.stringMatching(
        /yaml:4: environments\.production\.masks\.users\.email must be one of email, keepDomain/,
      ),
      expect.stringMatching(/yaml:5: environments\.production\.where\.t must be a condition/),
    ]);
    yaml(
      'environments:\n  production:\n    masks:\n      users: { email: email, a: { sql: now() } }\n    where: { t: "x; y" }\n',
    );
    expect(faults({ ...salt, PRODUCTION_MASK_SALT: 'short S3CR3T' })).toEqual([
      'PRODUCTION_MASK_SALT must have 16 characters or more',
      expect.stringMatching(/yaml:4: masks\.users\.a uses now/),
      expect.stringMatching(/yaml:5: where\.t must be one expression/),
    ]);
    expect(faults({ PRODUCTION_DATABASE_URL: url })).toContainEqual(
      expect.stringMatching(/yaml:3: rules .* need a secret; set PRODUCTION_MASK_SALT/),
    );
  });
});

describe('schedules and channels', () => {
  const said = `schedules:
  - name: nightly
    cron: '30 2 * * *'
    timeZone: Europe/Berlin
    kind: sync
    input: { source: production, target: staging, confirm: staging }
notices:
  - { name: ops, type: webhook, url: 'https://ops.example.org/hook', events: [failure] }
  - { name: ops-mail, type: email, to: [ops@example.org] }
mail: { from: sync@example.org }
http: { publicUrl: 'https://sync.example.org' }
`;
  const secrets = {
    NOTICE_OPS_SECRET: 'S3CR3T-of-the-channel',
    SMTP_URL: 'smtp://me:S3CR3T@mail.example.org',
  };

  it('are read with their places and secrets, which are shown nowhere', () => {
    yaml(said);
    const { schedules, notices } = load(secrets);
    expect(schedules).toMatchObject([
      { name: 'nightly', kind: 'sync', said: 'multiboard-sync.config.yaml:2' },
    ]);
    expect(notices).toMatchObject({
      publicUrl: 'https://sync.example.org',
      stallMinutes: 15,
      channels: [
        { name: 'ops', type: 'webhook', events: ['failure'], environments: null },
        { name: 'ops-mail', type: 'email', from: 'sync@example.org' },
      ],
    });
    expect(inspect(notices, { depth: 9 }) + JSON.stringify(notices)).not.toContain('S3CR3T');
  });

  it('that lack something, or say it wrongly, are faults with their lines', () => {
    yaml(said);
    expect(faults({ SMTP_URL: secrets.SMTP_URL, NOTICE_OPS_SECRET: 'S3CR3T' })).toEqual([
      'NOTICE_OPS_SECRET must be at least 16 characters',
    ]);
    expect(faults()).toEqual([
      expect.stringMatching(/:8: the channel "ops" needs NOTICE_OPS_SECRET/),
      expect.stringMatching(/:9: the channel "ops-mail" needs SMTP_URL/),
    ]);
    yaml(said.replace('confirm: staging', 'confirm: production'));
    expect(faults(secrets)).toEqual([
      expect.stringMatching(/:6: schedules\.0\.input\.confirm must be "staging"/),
    ]);
    yaml(said.replace("'30 2 * * *'", "'at night'").replace('https://ops', 'https://me:S3CR3T@ops'));
    expect(faults(secrets)).toEqual([
      expect.stringMatching(/:3: schedules\.0\.cron must be five fields/),
      expect.stringMatching(/:8: notices\.0\.url must be an address/),
    ]);
    yaml(said.replace('name: ops-mail', 'name: ops'));
    expect(faults(secrets)).toEqual([expect.stringMatching(/:9: a channel "ops" is already there/)]);
  });
});
