import { expect, test } from 'vitest';
import { parseDatabaseUrl } from '../environments/database-url.ts';
import { connectionError } from './connection-error.ts';
import { databaseError, lacksSharedMemory, serverFact } from './sqlstate.ts';

interface Fields {
  readonly code: string;
  readonly message?: string;
  readonly routine?: string;
}

const thrown = (fields: Fields): Error =>
  Object.assign(new Error(fields.message ?? 'words of the server'), fields);

/** State, what is said of it on a source and on a target, and whether trying again may help there. */
const states: readonly (readonly [Fields, string, string, 'again' | 'never'])[] = [
  [{ code: '08006' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [{ code: '22021' }, 'SOURCE_COPY_FAILED', 'TARGET_STATEMENT_FAILED', 'never'],
  [{ code: '23505' }, 'SOURCE_COPY_FAILED', 'TARGET_STATEMENT_FAILED', 'never'],
  [{ code: '25006' }, 'SOURCE_COPY_FAILED', 'TARGET_STATEMENT_FAILED', 'never'],
  [{ code: '25P03' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [{ code: '25P04' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [{ code: '28000' }, 'AUTH_DATABASE', 'AUTH_DATABASE', 'never'],
  [{ code: '28P01' }, 'AUTH_DATABASE', 'AUTH_DATABASE', 'never'],
  [{ code: '3D000' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [{ code: '40001' }, 'SOURCE_CANCELLED_BY_SERVER', 'TARGET_CANCELLED_BY_SERVER', 'again'],
  [{ code: '40P01' }, 'SOURCE_CANCELLED_BY_SERVER', 'TARGET_CANCELLED_BY_SERVER', 'again'],
  [{ code: '42501' }, 'SOURCE_NOT_READABLE', 'TARGET_PRIVILEGE', 'never'],
  [{ code: '42P01' }, 'SOURCE_COPY_FAILED', 'TARGET_STATEMENT_FAILED', 'never'],
  [{ code: '53100' }, 'SOURCE_DISK_FULL', 'TARGET_DISK_FULL', 'again'],
  [
    {
      code: '53100',
      message: 'could not resize shared memory segment "/PostgreSQL.1" to 8 bytes: No space left on device',
    },
    'SOURCE_MEMORY',
    'TARGET_MEMORY',
    'again',
  ],
  [{ code: '53200', routine: 'dsm_impl_op' }, 'SOURCE_MEMORY', 'TARGET_MEMORY', 'again'],
  [{ code: '53200', routine: 'AllocSetAlloc' }, 'SOURCE_MEMORY', 'TARGET_MEMORY', 'again'],
  [{ code: '53200', routine: 'LockAcquireExtended' }, 'SOURCE_LOCKS_FULL', 'TARGET_LOCKS_FULL', 'never'],
  [{ code: '53300' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [
    { code: '53400', message: 'temporary file size exceeds temp_file_limit (1024kB)', routine: 'FileWrite' },
    'SOURCE_DISK_FULL',
    'TARGET_DISK_FULL',
    'again',
  ],
  [
    {
      code: '42501',
      message: 'could not open file "base/5/16384": Read-only file system',
      routine: 'mdopenfork',
    },
    'SOURCE_DAMAGED',
    'TARGET_DAMAGED',
    'never',
  ],
  [
    { code: 'XX000', message: 'could not extend file "base/5/1": Disk quota exceeded', routine: 'mdextend' },
    'SOURCE_DISK_FULL',
    'TARGET_DISK_FULL',
    'again',
  ],
  [{ code: '42501', routine: 'aclcheck_error' }, 'SOURCE_NOT_READABLE', 'TARGET_PRIVILEGE', 'never'],
  [{ code: '54000' }, 'SOURCE_COPY_FAILED', 'TARGET_STATEMENT_FAILED', 'never'],
  [{ code: '55000', routine: 'InitPostgres' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [{ code: '55000' }, 'SOURCE_COPY_FAILED', 'TARGET_STATEMENT_FAILED', 'never'],
  [{ code: '55006' }, 'SOURCE_UNAVAILABLE', 'CONFLICT_TARGET_IN_USE', 'again'],
  [{ code: '55P03' }, 'SOURCE_LOCK_TIMEOUT', 'CONFLICT_TARGET_BUSY', 'again'],
  [{ code: '57014' }, 'SOURCE_CANCELLED_BY_SERVER', 'TARGET_CANCELLED_BY_SERVER', 'again'],
  [{ code: '57P01' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [{ code: '57P03' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [{ code: '57P05' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [{ code: '58030' }, 'SOURCE_DAMAGED', 'TARGET_DAMAGED', 'never'],
  [{ code: '58P01' }, 'SOURCE_FILE_MISSING', 'TARGET_FILE_MISSING', 'never'],
  [{ code: 'F0000' }, 'SOURCE_FILE_MISSING', 'TARGET_FILE_MISSING', 'never'],
  [{ code: 'P0001' }, 'SOURCE_COPY_FAILED', 'TARGET_STATEMENT_FAILED', 'never'],
  [{ code: 'XX000', routine: 'relation_open' }, 'SOURCE_COPY_FAILED', 'TARGET_STATEMENT_FAILED', 'never'],
  [{ code: 'XX001' }, 'SOURCE_DAMAGED', 'TARGET_DAMAGED', 'never'],
  [{ code: 'XX002' }, 'SOURCE_DAMAGED', 'TARGET_DAMAGED', 'never'],
  // Ours, though they look like states of a server.
  [{ code: 'EPIPE' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [{ code: 'ECONNRESET' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [{ code: 'EPROTO' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  [
    { code: 'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC' },
    'SOURCE_UNAVAILABLE',
    'TARGET_UNAVAILABLE',
    'again',
  ],
  [{ code: 'ENOTCONN' }, 'SOURCE_UNAVAILABLE', 'TARGET_UNAVAILABLE', 'again'],
  // Of files as well: those who read and write them tell.
  [{ code: 'EMFILE' }, 'INTERNAL', 'INTERNAL', 'never'],
  [{ code: 'EPERM' }, 'INTERNAL', 'INTERNAL', 'never'],
];

test.each(states)('%o is %s on a source and %s on a target', (fields, source, target, retry) => {
  const errors = (['source', 'target'] as const).map((side) =>
    databaseError(thrown(fields), side, 'Doing it'),
  );
  expect(errors.map(({ code }) => code)).toEqual([source, target]);
  expect(errors[1]?.retry).toBe(retry);
  expect(errors[1]?.message).not.toMatch(/a constraint or server error/);
});

test('a full shared memory is not told as a full disk, nor a full lock table as a lost server', () => {
  const shared = thrown({
    code: '53100',
    message: 'could not resize shared memory segment "/x": No space left',
  });
  expect(lacksSharedMemory(shared)).toBe(true);
  expect(databaseError(shared, 'target', 'Building').hint).toMatch(/--shm-size/);
  expect(lacksSharedMemory(thrown({ code: '53100' }))).toBe(false);
  const locks = databaseError(thrown({ code: '53200', routine: 'SetupLockInTable' }), 'source', 'Locking');
  expect(locks.hint).toMatch(/max_locks_per_transaction/);
});

test('what users’ functions put into the fields of an error is not passed on', () => {
  const fields = { code: '23514', constraint: 'secret', column: 'secret', table: 'secret', schema: 'secret' };
  for (const routine of ['exec_stmt_raise', 'PLy_output', 'elog_from_plv8', undefined])
    expect(serverFact(Object.assign(new Error('secret'), fields, { routine }))).not.toMatch(/secret/);
  const own = Object.assign(new Error('x'), fields, { constraint: 'positive', routine: 'ExecConstraints' });
  expect(serverFact(own)).toMatch(/constraint "positive"/);
});

test.each([
  [
    { code: '28P01', message: 'password authentication failed for user "u"', routine: 'auth_failed' },
    /password authentication failed for user "u"/,
  ],
  [
    { code: '3D000', message: 'database "d" does not exist', routine: 'InitPostgres' },
    /database "d" does not exist/,
  ],
  [{ code: 'ECONNREFUSED' }, /nothing listens there, or it refuses connections \(ECONNREFUSED\)/],
  [{ code: 'ENOTFOUND' }, /the host’s name is not known \(ENOTFOUND\)/],
] as const)('a connection that cannot be opened says why: %o', (fields, said) => {
  const url = parseDatabaseUrl('X_DATABASE_URL', 'postgresql://u:hidden@h/d');
  const error = connectionError(thrown(fields), 'target', url);
  expect(error.message).toMatch(said);
  expect(error.message).not.toMatch(/hidden/);
});

/** As PgBouncer, Supavisor and a proxy of a provider say it: with a state that means nothing, and no routine. */
test.each([
  [{ code: 'XX000', message: 'Tenant or user not found' }, 'AUTH_DATABASE'],
  [{ code: '08P01', message: 'SASL authentication failed' }, 'AUTH_DATABASE'],
  [{ code: '08P01', message: 'no such user: u' }, 'AUTH_DATABASE'],
  [{ code: '08P01', message: 'no more connections allowed (max_client_conn)' }, 'TARGET_UNAVAILABLE'],
  [
    {
      code: 'XX000',
      message: 'MaxClientsInSessionMode: max clients reached - in Session mode max clients are …',
    },
    'TARGET_UNAVAILABLE',
  ],
  [{ code: 'XX000', message: 'The endpoint has been disabled' }, 'TARGET_UNAVAILABLE'],
  [{ code: '08P01', message: 'no such database: d' }, 'TARGET_UNAVAILABLE'],
  [
    { code: '55000', message: 'cannot connect to invalid database "d"', routine: 'InitPostgres' },
    'TARGET_UNAVAILABLE',
  ],
])('what a pooler says when it refuses is passed on, under a code that fits: %o', (fields, code) => {
  const url = parseDatabaseUrl('X_DATABASE_URL', 'postgresql://u:hidden@h/d');
  const error = connectionError(thrown(fields), 'target', url);
  expect(error.code).toBe(code);
  expect(error.message).toContain(fields.message);
  if (/max clients|max_client/.test(fields.message)) expect(error.hint).toMatch(/pool/);
  if ('routine' in fields) expect(error.hint).toMatch(/DROP DATABASE/);
});

test.each([
  [
    { message: 'There was an error establishing an SSL connection' },
    'TARGET_UNAVAILABLE',
    /no PostgreSQL server/,
  ],
  [{ code: 'P0001', routine: 'exec_stmt_raise' }, 'AUTH_DATABASE', /a function or trigger raised an error/],
])('what is no server, and a login trigger, are told as such: %o', (fields, code, said) => {
  const url = parseDatabaseUrl('X_DATABASE_URL', 'postgresql://u:hidden@h/d');
  const error = connectionError(Object.assign(new Error(''), fields), 'target', url);
  expect([error.code, error.message]).toEqual([code, expect.stringMatching(said)]);
});

test('what a login trigger of users says is not passed on', () => {
  const url = parseDatabaseUrl('X_DATABASE_URL', 'postgresql://u:hidden@h/d');
  const fields = { code: 'XX000', message: 'secret', where: 'PL/pgSQL function f() line 1 at RAISE' };
  expect(connectionError(thrown(fields), 'target', url).message).not.toMatch(/secret/);
});
