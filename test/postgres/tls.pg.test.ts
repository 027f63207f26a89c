import { execFile } from 'node:child_process';
import { chmod, chown, copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';
import { ordinaryIdentity } from '../../src/embedded/run-as.ts';
import { parseDatabaseUrl } from '../../src/environments/database-url.ts';
import { Database } from '../../src/postgres/database.ts';
import { failure } from '../harness/failure.ts';
import { lacks } from '../support/lacks.ts';
import { privatePostgres } from '../support/postgres.ts';
import type { PrivatePostgres } from '../support/postgres.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { scratchDirectory } from '../support/scratch.ts';

let server: PrivatePostgres;
let folder: string;

const openssl = (...words: readonly string[]): Promise<unknown> =>
  promisify(execFile)('openssl', words, { cwd: folder });

/** A certificate for itself, in `name.crt` and `name.key`; valid until a day like `20200201`. */
async function certificate(name: string, until: string): Promise<void> {
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:prime256v1',
    '-nodes',
    '-keyout',
    `${name}.key`,
  ];
  await openssl('req', '-new', ...key, ...subject, '-out', `${name}.csr`);
  // `req` makes none that is over already; `ca` does, with the files that it keeps its books in.
  await writeFile(join(folder, `${name}.index`), '');
  await writeFile(
    join(folder, `${name}.conf`),
    `[ca]\ndefault_ca = own\n[own]\ndatabase = ${name}.index\nrand_serial = yes\nnew_certs_dir = .\n` +
      'default_md = sha256\npolicy = any\ncopy_extensions = copy\n[any]\ncommonName = supplied\n',
  );
  const dates = ['-startdate', '20200101000000Z', '-enddate', `${until}000000Z`];
  const files = [
    '-in',
    `${name}.csr`,
    '-keyfile',
    `${name}.key`,
    '-out',
    `${name}.crt`,
    '-config',
    `${name}.conf`,
  ];
  await openssl('ca', '-batch', '-selfsign', '-notext', ...dates, ...files);
}

/** The server shows that certificate from now on. */
async function show(name: string): Promise<void> {
  const identity = await ordinaryIdentity();
  for (const end of ['crt', 'key']) {
    const path = join(server.directory, 'data', `server.${end}`);
    await copyFile(join(folder, `${name}.${end}`), path);
    await chmod(path, 0o600);
    if (identity !== null) await chown(path, identity.uid, identity.gid);
  }
  await queryOnce(server.url, 'SELECT pg_reload_conf()');
}

const at = (parameters: string, host = 'localhost'): Database => {
  const url = new URL(server.url);
  url.hostname = host;
  return new Database({
    url: parseDatabaseUrl('TEST_URL', `${url.href}?${parameters}`),
    side: 'source',
    access: 'read',
    applicationName: 'multiboard-sync test',
  });
};

async function isEncrypted(parameters: string, host?: string): Promise<boolean | undefined> {
  await using database = at(parameters, host);
  return await database.withSession(async (session) => {
    const [row] = await session.query<{ ssl: boolean }>(
      'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()',
    );
    return row?.ssl;
  });
}

async function refusal(parameters: string, host?: string): Promise<readonly [string, string]> {
  const { code, message } = await failure(isEncrypted(parameters, host));
  return [code, message];
}

describe.skipIf(lacks('openssl'))('a server with TLS', () => {
  beforeAll(async () => {
    folder = await scratchDirectory('tls');
    await certificate('good', '20990101');
    await certificate('old', '20200201');
    await certificate('another', '20990101');
    server = await privatePostgres();
    await show('good');
    await queryOnce(server.url, 'ALTER SYSTEM SET ssl = on');
    await queryOnce(server.url, 'SELECT pg_reload_conf()');
  }, 60_000);

  const ca = (name: string): string => `sslrootcert=${encodeURIComponent(join(folder, `${name}.crt`))}`;

  test('is spoken to as sslmode says', async () => {
    expect(await isEncrypted('sslmode=disable')).toBe(false);
    expect(await isEncrypted('sslmode=allow')).toBe(false);
    for (const mode of ['prefer', 'require', 'no-verify'])
      expect(await isEncrypted(`sslmode=${mode}`)).toBe(true);
    expect(await isEncrypted(`sslmode=verify-full&${ca('good')}`)).toBe(true);
    expect(await isEncrypted(`sslmode=verify-ca&${ca('good')}`, '127.0.0.1')).toBe(true);
  });

  test('whose certificate is not the one to trust is not spoken to, and told as that', async () => {
    const told = (words: RegExp) => ['CONFIG_INVALID', expect.stringMatching(words)];
    expect(await refusal('sslmode=verify-full')).toEqual(told(/self.signed/));
    expect(await refusal(`sslmode=verify-full&${ca('another')}`)).toEqual(
      told(/self.signed|unable to verify/),
    );
    expect(await refusal(`sslmode=verify-full&${ca('good')}`, '127.0.0.1')).toEqual(told(/127\.0\.0\.1/));
    await show('old');
    expect(await refusal(`sslmode=verify-full&${ca('old')}`)).toEqual(told(/expired/));
    await show('good');
  });

  test('where channel_binding=require, nothing but a bound login is sent', async () => {
    expect(await isEncrypted('sslmode=require&channel_binding=require')).toBe(true);
    expect(await isEncrypted('sslmode=require&channel_binding=prefer')).toBe(true);
    const told = ['AUTH_DATABASE', expect.stringContaining('channel_binding=require')];
    expect(await refusal('sslmode=disable&channel_binding=require')).toEqual(told);
    // A password in the clear, or none at all, is what somebody in between would ask for.
    const hba = join(server.directory, 'data', 'pg_hba.conf');
    for (const method of ['password', 'md5', 'trust']) {
      await promisify(execFile)('sed', ['-i', '-E', `s/^(host .*) [a-z0-9-]+$/\\1 ${method}/`, hba]);
      await queryOnce(server.url, 'SELECT pg_reload_conf()');
      // Of a SCRAM password md5 means SCRAM.
      if (method === 'md5') expect(await isEncrypted('sslmode=require&channel_binding=require')).toBe(true);
      else expect(await refusal('sslmode=require&channel_binding=require')).toEqual(told);
    }
  });
});
