import type { Environment } from '../../environments/environment.ts';
import { sqlFile } from '../../lib/sql-file.ts';
import { modes } from '../../plan/modes.ts';
import type { Mode } from '../../plan/modes.ts';
import type { Database } from '../../postgres/database.ts';

const signsSql = sqlFile(import.meta.url, './pooler-signs.sql');

interface Sign {
  readonly sign: 'name' | 'reset' | 'host' | 'role';
  readonly sessions: number;
  readonly who: string;
}

/**
 * What people behind a pooler would feel of a mode that ends sessions, as far as a pooler can be seen: one sentence, or
 * none. PgBouncer lets all its clients of a database wait after one login that failed, and one fails when databases are
 * swapped.
 */
export async function warnBehindPooler(
  asked: Database,
  { name, mode, clientsUse }: { readonly mode: Mode } & Pick<Environment, 'name' | 'clientsUse'>,
  options: { readonly signal: AbortSignal },
): Promise<readonly string[]> {
  if (!modes[mode].endsSessions) return [];
  const signs = await asked.withSession(
    (session) => session.query<Sign>(signsSql, [], options),
    options.signal,
  );
  const seen = [
    ...(clientsUse === undefined
      ? []
      : [`its clients use ${clientsUse.toString()}, and runs its direct address`]),
    ...(asked.throughPooler ? ['the address of this target leads through one'] : []),
    ...signs.map(inWords),
  ];
  if (seen.length === 0) return [];
  return [
    `A pooler seems to serve "${name}" (${seen.join('; ')}). Mode ${mode} ends its sessions, and a login that ` +
      'comes at that moment fails; PgBouncer then lets all its clients of this database wait for ' +
      'server_login_retry, which is 15 s if nobody has set it. Set it to 1 there first, or choose --mode ' +
      `${gentler}, which ends no session, but lets readers wait until it is done.`,
  ];
}

const gentler: Mode = 'in-place';

function inWords({ sign, sessions, who }: Sign): string {
  const of = `${sessions} session${sessions === 1 ? '' : 's'} of ${who}`;
  switch (sign) {
    case 'name':
      return `${of} bear the name of one`;
    case 'reset':
      return `${of} last did DISCARD ALL, as one does between two clients`;
    case 'host':
      return `${of} bear the address of another client in their name`;
    case 'role':
      return `the server has a role ${who}`;
    default:
      return sign satisfies never;
  }
}
