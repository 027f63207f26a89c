import { expect, test } from 'vitest';
import { serverFact } from './sqlstate.ts';

function serverError(fields: Readonly<Record<string, string>>): Error {
  return Object.assign(new Error(fields['message'] ?? ''), fields);
}

test.each([
  [
    {
      code: '42P01',
      message: 'relation "public.x" does not exist',
      routine: 'parserOpenTable',
      position: '15',
    },
    'relation "public.x" does not exist (SQLSTATE 42P01)',
  ],
  [
    { code: '42501', message: 'permission denied for table x', routine: 'aclcheck_error' },
    'permission denied for table x (SQLSTATE 42501)',
  ],
  [
    { code: '57014', message: 'canceling statement due to lock timeout', routine: 'ProcessInterrupts' },
    'canceling statement due to lock timeout (SQLSTATE 57014)',
  ],
  [
    {
      code: '42883',
      message: 'could not find function "f" in file "x.so"',
      routine: 'load_external_function',
    },
    'could not find function "f" in file "x.so" (SQLSTATE 42883)',
  ],
  [
    {
      code: 'F0000',
      message: 'could not open stop-word file "x.stop": No such file',
      routine: 'readstoplist',
    },
    'could not open stop-word file "x.stop": No such file (SQLSTATE F0000)',
  ],
])('the server’s own words on objects and conditions are passed on: %o', (fields, fact) => {
  expect(serverFact(serverError(fields))).toBe(fact);
});

test.each([
  // A function of the database's users picks its code and its words.
  { code: '42501', message: 'secret', routine: 'exec_stmt_raise' },
  { code: '42501', message: 'secret', routine: 'x', where: 'PL/pgSQL function f() line 3 at RAISE' },
  { code: '0A000', message: 'secret', routine: 'x', where: 'SQL function "f" statement 1' },
  { code: '54000', message: 'secret', routine: 'PLy_elog_impl', where: 'Traceback (most recent call last):' },
  // Rows and parameters being read.
  { code: '42704', message: 'secret', routine: 'typenameType', where: 'COPY t, line 1, column a: "secret"' },
  { code: '54000', message: 'secret', routine: 'x', where: "unnamed portal parameter $1 = 'secret'" },
  // Input functions of the server quote what they were given, also where it stands in a statement.
  { code: '42601', message: 'syntax error in tsquery: "secret"', routine: 'makepol' },
  { code: '42602', message: 'invalid name syntax: secret', routine: 'stringToQualifiedNameList' },
  { code: '42P01', message: 'relation "secret" does not exist', routine: 'RangeVarGetRelidExtended' },
  {
    code: '42P01',
    message: 'relation "secret" does not exist',
    routine: 'RangeVarGetRelidExtended',
    position: '9',
  },
  { code: '42704', message: 'type "secret" does not exist', routine: 'typenameType' },
  { code: '42883', message: 'function "secret" does not exist', routine: 'regprocin' },
  { code: '3F000', message: 'schema "secret" does not exist', routine: 'get_namespace_oid' },
])('what may hold a value is not: %o', (fields) => {
  const fact = serverFact(serverError({ ...fields, schema: 'public', table: 't' }));
  expect(fact).not.toMatch(/secret/i);
  expect(fact).toMatch(/ \(SQLSTATE \w{5}\)$/);
});
