import { Client } from 'pg';
import { createCatalogue } from '../../src/demo/catalogue/create-catalogue.ts';
import type { CatalogueInput } from '../../src/demo/catalogue/create-catalogue.ts';
import { sqlFile } from '../../src/lib/sql-file.ts';
import { pgDump } from '../support/client-tools.ts';
import { otherMajors } from '../support/other-majors.ts';
import { queryOnce } from '../support/postgres-connection.ts';
import { atFileEnd, privatePostgres } from '../support/postgres.ts';
import type { BenchDatabase } from '../harness/environment-pair.ts';

const providerRoles = sqlFile(import.meta.url, './provider-roles.sql');
const providerObjects = sqlFile(import.meta.url, './provider-objects.sql');
const application = sqlFile(import.meta.url, './application.sql');
const applicationOutside = sqlFile(import.meta.url, './application-outside.sql');

/** A database as Supabase gives it: called `postgres`, with the provider's schemas beside the customer's `public`. */
export interface ManagedProject extends BenchDatabase {
  /** As the provider's superuser. */
  readonly admin: BenchDatabase;
  /** As any of its roles. */
  urlOf(role: string): string;
  /** Everything that a run about schema public must leave as it is, as text. */
  outside(): Promise<Record<string, unknown>>;
  /** Fails unless the provider's services can still do their work, on the sessions that they have had all the time. */
  servicesWork(): Promise<void>;
}

export interface ProjectOptions {
  readonly major: 15 | 17;
  readonly variant: CatalogueInput['variant'];
  readonly parts?: number;
  /** The customer's role is a member of the provider's roles, as on older projects. */
  readonly memberOfServices?: boolean;
}

/** A server with one project on it; gone when the file ends. */
export async function managedProject(options: ProjectOptions): Promise<ManagedProject> {
  const { major, variant, parts = 100 } = options;
  const binaries = otherMajors().find((one) => one.major === major)?.binaries;
  if (binaries === undefined) throw new Error(`This needs a server of PostgreSQL ${major}.`);
  const server = await privatePostgres({ wal_level: 'logical' }, binaries);
  const urlOf = (role: string, password: string): string => {
    const url = new URL(server.urlOf('postgres'));
    [url.username, url.password] = [role, password];
    return url.href;
  };
  const customer = server.urlOf('postgres');
  const { password } = new URL(customer);
  // The server's first role is the superuser, and it cannot rename itself.
  await queryOnce(customer, `CREATE ROLE keeper SUPERUSER LOGIN PASSWORD 'keeper'`);
  await queryOnce(
    urlOf('keeper', 'keeper'),
    `ALTER ROLE postgres RENAME TO supabase_admin; ALTER ROLE supabase_admin PASSWORD 'service';
     CREATE ROLE postgres LOGIN CREATEDB CREATEROLE REPLICATION BYPASSRLS
       PASSWORD '${decodeURIComponent(password)}';
     ALTER DATABASE postgres OWNER TO postgres; GRANT pg_signal_backend, pg_monitor TO postgres WITH ADMIN OPTION`,
  );
  const admin = urlOf('supabase_admin', 'service');
  const membership =
    options.memberOfServices === true
      ? 'GRANT supabase_auth_admin, supabase_storage_admin TO postgres'
      : 'SELECT 1';
  await queryOnce(admin, `DROP ROLE keeper; ${providerRoles}; ${membership}`);
  await queryOnce(admin, providerObjects);
  await queryOnce(admin, `SELECT pg_create_logical_replication_slot('supabase_realtime_slot', 'pgoutput')`);
  await asCustomer(customer, { variant, parts });
  await queryOnce(admin, applicationOutside);
  const database = (url: string): BenchDatabase => ({
    url,
    name: 'postgres',
    query: <Row>(sql: string, values?: readonly unknown[]) => queryOnce(url, sql, values) as Promise<Row[]>,
  });
  const services = await startServices((role) => urlOf(role, 'service'));
  return {
    ...database(customer),
    admin: database(admin),
    urlOf: (role) => (role === 'postgres' ? customer : urlOf(role, 'service')),
    outside: () => outside(admin),
    servicesWork: () => services.work(),
  };
}

async function asCustomer(
  url: string,
  input: Required<Pick<ProjectOptions, 'variant' | 'parts'>>,
): Promise<void> {
  const client = new Client({ connectionString: url, application_name: 'test support' });
  await client.connect();
  try {
    await createCatalogue(client, input);
    await client.query(application);
  } finally {
    await client.end();
  }
}

/** What lies in other schemas, what belongs to no schema, and what others have said about schema public. */
async function outside(url: string): Promise<Record<string, unknown>> {
  const { stdout, stderr, code } = await pgDump(url, ['--exclude-schema=public', '--create']);
  if (code !== 0) throw new Error(`pg_dump: ${stderr}`);
  const [facts] = await queryOnce(
    url,
    `SELECT
       (SELECT jsonb_agg(jsonb_build_array(n.oid::int8, n.nspname, n.nspowner::regrole, n.nspacl::text) ORDER BY n.oid)
        FROM pg_namespace AS n WHERE n.nspname !~ '^pg_(toast|temp)') AS schemas,
       (SELECT jsonb_agg(jsonb_build_array(d.defaclrole::regrole, d.defaclnamespace::regnamespace, d.defaclobjtype,
          d.defaclacl::text)
          ORDER BY d.defaclrole::regrole::text, d.defaclnamespace, d.defaclobjtype) FROM pg_default_acl AS d) AS default_privileges,
       (SELECT jsonb_agg(slot_name ORDER BY slot_name) FROM pg_replication_slots) AS slots,
       (SELECT jsonb_agg(evtname ORDER BY evtname) FROM pg_event_trigger) AS event_triggers,
       (SELECT jsonb_agg(datname ORDER BY datname) FROM pg_database) AS databases`,
  );
  return { dump: stdout.replaceAll(/^\\(un)?restrict .*$/gm, ''), ...facts };
}

/** Sessions of the provider's services, connected all the time. */
async function startServices(urlOf: (role: string) => string) {
  const clients = new Map<string, Client>();
  for (const role of ['supabase_auth_admin', 'supabase_storage_admin', 'authenticator', 'supabase_admin']) {
    const client = new Client({ connectionString: urlOf(role), application_name: `service ${role}` });
    client.on('error', () => {});
    await client.connect();
    clients.set(role, client);
  }
  atFileEnd(async () => {
    for (const client of clients.values()) await client.end().catch(() => {});
    clients.clear();
  });
  const ask = async (role: string, sql: string): Promise<readonly Record<string, unknown>[]> => {
    const result = await clients.get(role)?.query<Record<string, unknown>>(sql);
    if (result === undefined) throw new Error(`No service ${role}.`);
    return Array.isArray(result) ? (result.at(-1) as typeof result).rows : result.rows;
  };
  await ask('authenticator', 'LISTEN pgrst');
  return {
    work: async (): Promise<void> => {
      // A new account gets its profile, by a trigger that calls a function of the application's; then it goes again.
      const made = await ask(
        'supabase_auth_admin',
        `BEGIN; INSERT INTO auth.users (id, email) VALUES ('00000000-0000-4000-8000-000000000001', 'new@example.com');
         SELECT count(*)::int AS n FROM auth.users WHERE email = 'new@example.com'`,
      );
      await ask('supabase_auth_admin', 'ROLLBACK');
      const files = await ask(
        'authenticator',
        `BEGIN; SET LOCAL ROLE authenticated; SELECT count(*)::int AS n FROM storage.objects`,
      );
      await ask('authenticator', 'ROLLBACK');
      const parts = await ask(
        'authenticator',
        `BEGIN; SET LOCAL ROLE anon; SELECT count(*)::int AS n FROM public."Part"`,
      );
      await ask('authenticator', 'ROLLBACK');
      const secrets = await ask('supabase_admin', 'SELECT count(*)::int AS n FROM vault.decrypted_secrets');
      const counts = [made, files, parts, secrets].map((rows) => Number(rows[0]?.['n']));
      if (counts.some((count) => !(count > 0)))
        throw new Error(`A service sees nothing: ${counts.join(', ')}.`);
    },
  };
}
