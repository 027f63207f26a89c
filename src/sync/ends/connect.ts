import type { Environment } from '../../environments/environment.ts';
import { Database } from '../../postgres/database.ts';
import type { Connect, End } from '../contract/run.ts';

/** Under which the lists of servers show the sessions of a job; they cut it to 63 bytes. */
export function applicationNameOf(id: string): string {
  return `multiboard-sync ${id}`;
}

/** The one place where this room opens databases; every session bears the id of who asks. */
export function connectAs(id: string): Connect {
  return ({ side, url }, { access, connections, secrets }) =>
    new Database({
      url,
      side,
      access,
      applicationName: applicationNameOf(id),
      connectionsMax: connections,
      secrets,
    });
}

/** The source's database. */
export function sourceEnd({ database }: Environment): End {
  return { side: 'source', url: database };
}

/** The target's database, or another one of its server. */
export function targetEnd({ database }: Environment, databaseName?: string): End {
  return {
    side: 'target',
    url: databaseName === undefined ? database : database.withDatabase(databaseName),
  };
}
