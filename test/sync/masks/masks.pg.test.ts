import { readdir, readFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { sqlFile } from '../../../src/lib/sql-file.ts';
import { planSync } from '../../../src/sync/verbs/plan.ts';
import { suggestMasks } from '../../../src/sync/verbs/suggest-masks.ts';
import { failure } from '../../harness/failure.ts';
import { configure, createBench, failsAndChangesNothing } from '../../harness/environment-pair.ts';
import type { Bench } from '../../harness/environment-pair.ts';
import { masks, salt } from './masks.ts';
import { atFileEnd, privatePostgres } from '../../support/postgres.ts';
import { queryOnce } from '../../support/postgres-connection.ts';

const peopleSql = sqlFile(import.meta.url, './people.sql');
/** Everything that the server of a source says, as bytes. */
async function listening(url: string): Promise<{ readonly url: string; readonly heard: () => Buffer }> {
  const pieces: Buffer[] = [];
  const to = new URL(url);
  const server = createServer((client) => {
    const there = connect(Number(to.port), to.hostname);
    there.on('data', (piece) => pieces.push(piece));
    client.pipe(there).pipe(client);
    for (const socket of [client, there]) socket.on('error', () => socket.destroy());
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  atFileEnd(async () => {
    server.close();
  });
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String((server.address() as AddressInfo).port);
  through.searchParams.set('sslmode', 'disable');
  return { url: through.toString(), heard: () => Buffer.concat(pieces) };
}

/** All that was written on our disk, dumps unpacked. */
async function written(directory: string): Promise<string> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    names
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const bytes = await readFile(join(entry.parentPath, entry.name));
        return entry.name.endsWith('.gz') ? gunzipSync(bytes).toString('latin1') : bytes.toString('latin1');
      }),
  );
  return texts.join('\n');
}

/** What stands around a planted value, if there is one. */
const plantedIn = (text: string): string | null =>
  /.{0,40}(?:planted|5550\d{3}|10\.99\.88).{0,40}/i.exec(text)?.[0] ?? null;

/** What is in the way of a plan, as `CODE: message`. */
async function blockersOf(bench: Bench, environment: Record<string, unknown>): Promise<readonly string[]> {
  await configure(bench.directory, { environments: { src: environment } });
  const config = bench.with({}).config;
  const plan = await planSync(
    { config, now: Date.now },
    { source: 'src', target: 'dst', estimate: true },
    { signal: new AbortController().signal },
  );
  return plan.blockers.map(({ code, message }) => `${code}: ${message}`);
}

describe('a source is read through its masks', () => {
  let bench: Bench;
  let heard: () => Buffer;
  let serverLog: () => Promise<string>;

  beforeAll(async () => {
    const server = await privatePostgres({
      log_statement: 'all',
      log_min_duration_statement: '0',
      log_destination: 'stderr',
    });
    const query = <Row>(sql: string, values?: readonly unknown[]) =>
      queryOnce(server.url, sql, values) as Promise<Row[]>;
    await query(peopleSql);
    const ear = await listening(server.url);
    heard = ear.heard;
    serverLog = () => readFile(join(server.directory, 'server.log'), 'utf8');
    bench = await createBench({
      source: { url: ear.url, name: 'postgres', query },
      file: { environments: { src: { masks } } },
      env: { SRC_MASK_SALT: salt },
    });
  });

  it('in every mode, proved equal, and no planted value leaves the server', async () => {
    const dump = await bench.export();
    expect(dump.masking?.columns).toHaveLength(20);
    expect(dump.dump?.dumpId).toMatch(/^src-export-masked-/);
    for (const mode of ['replace', 'in-place'] as const) {
      const receipt = await bench.sync(mode);
      expect(receipt.tables.filter(({ equal }) => !equal)).toEqual([]);
    }
    await bench.source.query(`UPDATE users SET email = 'planted-again@planted.example' WHERE id = 7`);
    const merged = await bench.sync('merge');
    expect(merged.tables.filter(({ equal }) => !equal)).toEqual([]);
    expect((await bench.verify()).differences).toEqual([]);
    expect((await bench.verify({ left: 'dst', right: 'src' })).differences).toEqual([]);
    const [masked] = await bench.target.query(
      `SELECT (SELECT count(*) FROM "Odd ""table" WHERE "e ""mail" ~ '^u[0-9a-f]{20}@kept[.]example$')::int AS kept,
         (SELECT count(*) FROM "Odd ""table" WHERE "e ""mail" ~ '^u[0-9a-f]{20}@example[.]invalid$')::int AS without,
         (SELECT count(*) FROM logins JOIN users USING (email))::int AS joined,
         (SELECT count(*) FROM users WHERE email_key = email::text || '!' AND phone ~ '^[+]999[0-9]{12}$')::int AS phones,
         (SELECT min(domain) || count(*) FROM domains) AS domains`,
    );
    expect(masked).toEqual({ kept: 9, without: 1, joined: 120, phones: 134, domains: 'example.invalid1' });

    expect(heard().length).toBeGreaterThan(10_000);
    expect(plantedIn(heard().toString('latin1'))).toBeNull();
    expect(plantedIn(await written(bench.directory))).toBeNull();
    expect(plantedIn(JSON.stringify([dump, merged]))).toBeNull();
    const log = await serverLog();
    expect(log).toContain('fastpath function call: "set_config"');
    expect(/[0-9a-f]{64}/.exec(log)).toBeNull();
    expect(log).not.toContain(salt);
  });
});

describe('what does not fit is found before anything is read', () => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await createBench({ env: { SRC_MASK_SALT: salt } });
    await bench.source.query(peopleSql);
    await bench.source.query(
      `CREATE TABLE staff (id int PRIMARY KEY, boss int REFERENCES staff); INSERT INTO staff VALUES (1, NULL), (2, 1);
      CREATE TYPE kind AS ENUM ('a', 'b');
      CREATE TABLE visits (kind kind, id int, remark text, PRIMARY KEY (kind, id)) PARTITION BY HASH (kind);
      CREATE TABLE visits_0 PARTITION OF visits FOR VALUES WITH (MODULUS 1, REMAINDER 0) PARTITION BY LIST (kind);
      CREATE TABLE visits_a PARTITION OF visits_0 FOR VALUES IN ('a');
      CREATE TABLE visits_b PARTITION OF visits_0 FOR VALUES IN ('b');
      INSERT INTO visits VALUES ('a', 1, 'planted@a.example'), ('b', 2, 'planted@b.example')`,
    );
  });

  it('by the catalogue', async () => {
    const [told] = await blockersOf(bench, {
      masks: {
        people: { email: 'email' },
        users: {
          mail: 'email',
          fullName: null,
          token: 'email',
          zip: 'email',
          email_key: 'hash',
          notes: { sql: 'pg_sleep(0)::text' },
        },
        logins: { at: { sql: "at + '1 year'" } },
        logins_2025: { address: null },
        visits_0: { remark: 'email' },
      },
      where: { persons: 'true', staff: { sql: 'id > 1', pointing: 'follow' } },
    });
    for (const fault of [
      /^CONFIG_MASKS: .*yaml:1: the source has no table that "people" means/,
      /users has no column "mail"/,
      /\(fullName\) is NOT NULL/,
      /\(token\) is of type uuid/,
      /\(zip\) has room for 8 characters, and the rule email needs 29/,
      /\(email_key\) is computed from other columns/,
      /notes uses pg_sleep, which may give another answer/,
      /\(at\) decides in which partition/,
      /public\.logins_2025 is a partition; name public\.logins/,
      /public\.visits_0 is a partition; name public\.visits/,
      /public\.visits_a is a partition; name public\.visits/,
      /no table that "persons" means/,
      /leads from public\.staff back to itself/,
    ])
      expect(told).toMatch(fault);
  });

  it('by the server, which plans each expression', async () => {
    const [told] = await blockersOf(bench, {
      masks: {
        users: {
          fullName: { sql: 'max("fullName")' },
          notes: { sql: 'regexp_split_to_table(notes, $$ $$)' },
          profile: { sql: 'frobnicate(profile)' },
        },
      },
      where: { parts: 'price' },
    });
    for (const fault of [
      /^CONFIG_MASKS: .*\(fullName\): aggregate functions are not allowed in WHERE/,
      /\(notes\): set-returning functions are not allowed in WHERE/,
      /\(profile\): function frobnicate\(jsonb\) does not exist/,
      /argument of WHERE must be type boolean, not type numeric/,
    ])
      expect(told).toMatch(fault);
  });

  it('by the rows as they would be', async () => {
    const [told] = await blockersOf(bench, {
      masks: {
        users: {
          email: { sql: "CASE WHEN id % 2 = 0 THEN 'a' ELSE 'A' END || id / 2 || '@x.example'" },
          fullName: { fixed: 'x' },
          token: 'hash',
          notes: { sql: 'notes::int::text' },
          zip: { sql: "zip || '1234567'" },
          phone: { fixed: 'none' },
        },
      },
      where: { staff: 'id > 1' },
    });
    for (const fault of [
      /^CONFLICT_MASKS_UNFIT: /,
      /value\(s\) of the unique key "users_email_key" to more than one row/,
      /value\(s\) of the unique key "users_email_lower" to more than one row/,
      /120 row\(s\) of public\.logins point at rows of public\.users that are not there/,
      /1 row\(s\) of public\.staff point at rows of public\.staff that are not there/,
      /200 masked rows violate the check "users_fullName_check"/,
      /\(notes\): the mask fails: [^"]*\(SQLSTATE 22P02\)/,
      /\(zip\): 200 masks are longer than the 8 characters/,
      /\(phone\): the mask fails/,
    ])
      expect(told).toMatch(fault);
    expect(plantedIn(told ?? '')).toBeNull();
    expect(told).not.toContain('users_token_key');
    const more = await blockersOf(bench, {
      masks: { users: { fullName: { sql: 'nullif("fullName", \'x\' || notes)' }, notes: null } },
    });
    expect(more).toEqual([]);
  });

  it('columns that look personal are told, by names and by what the server counts of their values', async () => {
    await bench.source.query(
      `CREATE TABLE misc (a text, b text, c jsonb, d text, e int);
       INSERT INTO misc SELECT 'planted' || n || '@planted.example', '+49 30 555000' || n,
         jsonb_build_object('firstName', 'planted'), 'part ' || n, n FROM generate_series(1, 9) AS n`,
    );
    await configure(bench.directory, { environments: { src: { masks: { users: { email: 'email' } } } } });
    const { config } = bench.with({});
    const { signal } = new AbortController();
    const { suggestions, ruled } = await suggestMasks({ config, now: Date.now }, 'src', { signal });
    const told = suggestions.map(
      ({ table, column, because, rule }) => `${table}.${column}: ${rule} (${because})`,
    );
    expect(told.filter((one) => /misc|users|logins/.test(one))).toEqual([
      'public.logins.email: email (120 of 120 values look like e-mail addresses)',
      'public.logins.address: null (its name or comment)',
      'public.misc.a: email (9 of 9 values look like e-mail addresses)',
      'public.misc.b: phone (9 of 9 values look like telephone numbers)',
      'public.misc.c: null (9 of 9 values look like documents with personal keys)',
      'public.users.fullName: name (its name or comment)',
      'public.users.phone: phone (134 of 134 values look like telephone numbers)',
      'public.users.token: hash (its name or comment)',
      'public.users.secret: hash (its name or comment)',
      'public.users.zip: null (its name or comment)',
      'public.users.profile: null (its name or comment)',
    ]);
    expect(ruled).toBe(1);
    await bench.source.query('DROP TABLE misc');
  });

  it('what requires masks is read without by nobody who does not', async () => {
    const required = { requireMasks: true };
    expect(await blockersOf(bench, required)).toEqual([
      'CONFLICT_MASKS_REQUIRED: "src" requires masks and has none; "dst" does not require them.',
    ]);
    const { secret: _, ...some } = masks.users;
    const covered = { ...required, masks: { ...masks, users: some } };
    expect(await blockersOf(bench, covered)).toEqual([
      expect.stringMatching(
        /^CONFLICT_MASKS_REQUIRED: .*1 column\(s\) look personal and have no rule: public\.users \(secret\)\.$/,
      ),
    ]);
    const all = { ...covered, masks: { ...masks, users: { ...some, secret: 'keep' } } };
    expect(await blockersOf(bench, all)).toEqual([]);
    const protectedBench = bench.with({});
    expect((await failure(protectedBench.export({ unmasked: true }))).code).toBe('CONFLICT_MASKS_REQUIRED');
    // A dump from before masks were required.
    await configure(bench.directory, {});
    const dump = await bench.with({}).export();
    await configure(bench.directory, { environments: { src: all } });
    const refused = await failsAndChangesNothing(bench.target, () =>
      bench.with({}).import({ id: dump.dump?.dumpId ?? '' }, 'replace'),
    );
    expect([refused.code, refused.message]).toEqual([
      'CONFLICT_MASKS_REQUIRED',
      expect.stringContaining('was taken without'),
    ]);
  });

  it('reads the rows that a filter names, and what points at others as it says', async () => {
    const where = { users: 'id <= 50 -- of them all' };
    const [refused] = await blockersOf(bench, { where });
    expect(refused).toMatch(
      /^CONFLICT_MASKS_UNFIT: .*70 row\(s\) of public\.logins point at rows of public\.users/,
    );
    const follow = { users: { sql: 'id <= 50', pointing: 'follow' }, staff: 'id = 1' };
    // A tree that may be read through its root.
    const remarks = { ...masks, visits: { remark: 'email' } };
    await bench.source.query('ALTER TABLE visits_a ADD CONSTRAINT visitor FOREIGN KEY (id) REFERENCES users');
    for (const some of [masks, remarks])
      expect((await blockersOf(bench, { masks: some, where: follow }))[0]).toMatch(
        /^CONFIG_MASKS: .*public\.visits_a is read through more of them than public\.visits, /,
      );
    await bench.source.query(`ALTER TABLE visits_a DROP CONSTRAINT visitor;
      ALTER TABLE visits ADD CONSTRAINT visitor FOREIGN KEY (id) REFERENCES users`);
    expect(await blockersOf(bench, { masks: remarks, where: follow })).toEqual([]);
    const filtered = bench.with({});
    const receipt = await filtered.sync('replace');
    expect(receipt.masking?.filtered).toEqual([
      'public.logins_2025',
      'public.logins_2026',
      'public.staff',
      'public.users',
      'public.visits_a',
      'public.visits_b',
    ]);
    const [counted] = await bench.target.query(
      'SELECT (SELECT count(*) FROM users)::int AS users, (SELECT count(*) FROM logins)::int AS logins',
    );
    expect(counted).toEqual({ users: 50, logins: 50 });
    expect((await filtered.verify()).differences).toEqual([]);
    await bench.source.query(`INSERT INTO visits VALUES ('a', 3, 'planted@c.example')`);
    const merged = await filtered.sync('merge');
    expect(merged.tables.every(({ changed }) => (changed?.updated ?? 0) === 0)).toBe(true);
    const remarked = await bench.target.query<{ remark: string }>('SELECT remark FROM visits');
    expect(remarked).toHaveLength(3);
    expect(remarked.every(({ remark }) => remark.endsWith('@example.invalid'))).toBe(true);
  });

  it('asks for kept rows by masked keys', async () => {
    // The target's logins are masked; they stay, and find the people whose masks are the same.
    await configure(bench.directory, {
      environments: { src: { masks } },
      tables: { logins: 'preserve', logins_2025: 'preserve', logins_2026: 'preserve' },
    });
    const keeping = bench.with({});
    const kept = await keeping.sync('replace');
    expect(kept.tables.filter(({ content }) => content === 'kept')).toHaveLength(2);
    const refused = await failsAndChangesNothing(bench.target, () =>
      keeping.sync('replace', { unmasked: true }),
    );
    expect(refused.code).toBe('TARGET_KEPT_TABLE');
  });
});
