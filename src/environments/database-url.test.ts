import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SyncError } from '../errors/sync-error.ts';
import { parseDatabaseUrl } from './database-url.ts';
import type { DatabaseUrlParts } from './database-url.ts';

const parts = (text: string): DatabaseUrlParts => parseDatabaseUrl('DEV_DATABASE_URL', text).parts;

function fault(text: string): string {
  try {
    parseDatabaseUrl('DEV_DATABASE_URL', text);
  } catch (error) {
    expect(error).toBeInstanceOf(SyncError);
    expect((error as SyncError).code).toBe('CONFIG_INVALID');
    return (error as SyncError).message;
  }
  throw new Error('no fault found');
}

describe('parseDatabaseUrl', () => {
  it('reads a Prisma address', () => {
    const read = parts(
      'postgresql://postgres.abc:p%40ss%2Fw%3A%25@aws-0.pooler.supabase.com:6543/postgres?pgbouncer=true&connection_limit=1&schema=multiboard&pool_timeout=20&sslmode=require',
    );
    expect(read).toMatchObject({
      host: 'aws-0.pooler.supabase.com',
      port: 6543,
      user: 'postgres.abc',
      database: 'postgres',
      saysPooler: true,
      schema: 'multiboard',
      sslMode: 'require',
      sslRootCert: null,
    });
    expect(read.password?.reveal()).toBe('p@ss/w:%');
  });

  it.each([
    ['postgres://u@h/db', { host: 'h', port: 5432, user: 'u', password: null, database: 'db' }],
    ['  postgresql://u@h/db\n', { host: 'h' }],
    ['postgresql://u@[::1]:5433/db', { host: '::1', port: 5433 }],
    ['postgresql://u@/db?host=/var/run/postgresql', { host: '/var/run/postgresql' }],
    ['postgresql://u@%2Ftmp%2Fsockets/db', { host: '/tmp/sockets' }],
    ['postgresql:///db?host=/tmp&port=5433&user=me', { host: '/tmp', port: 5433, user: 'me' }],
    ['postgresql://u@h/my%20db', { database: 'my db' }],
    ['postgresql://u@h/?dbname=other', { database: 'other' }],
    ['postgresql://u@h/db?connect_timeout=3', { connectTimeoutSeconds: 3 }],
    ['postgresql://u@h/db?connect_timeout=0', { connectTimeoutSeconds: 60 }],
    ['postgresql://u@h/db?options=-c%20role%3Dreader', { options: '-c role=reader' }],
    ['postgresql://u@h/db', { channelBinding: 'disable', connectTimeoutSeconds: 10, sslMode: 'prefer' }],
    ['postgresql://u@h/db?channel_binding=require', { channelBinding: 'require' }],
  ])('reads %s', (text, expected) => {
    expect(parts(text)).toMatchObject(expected);
  });

  it('takes a raw @ and + in a password as they are', () => {
    expect(parts('postgresql://u:a@b+c@h/db').password?.reveal()).toBe('a@b+c');
    expect(parts('postgresql://u@h/db?password=a+b').password?.reveal()).toBe('a+b');
  });

  it('uses the system’s user where none is named, as libpq does', () => {
    expect(parts('postgresql://h/db').user).not.toBe('');
  });

  it.each([
    ['sslmode=verify-ca&sslrootcert=/ca.pem', { sslMode: 'verify-ca', sslRootCert: '/ca.pem' }],
    ['sslrootcert=/ca.pem', { sslMode: 'verify-full', sslRootCert: '/ca.pem' }],
    ['sslmode=require&sslcert=/ca.pem', { sslMode: 'require', sslRootCert: '/ca.pem', sslCert: null }],
    ['sslcert=/c.pem&sslkey=/k.pem', { sslMode: 'prefer', sslCert: '/c.pem', sslKey: '/k.pem' }],
    ['sslrootcert=system', { sslMode: 'verify-full', sslRootCert: null }],
    ['sslmode=require&sslaccept=strict', { sslMode: 'verify-full' }],
    ['sslaccept=accept_invalid_certs&sslrootcert=/ca.pem', { sslMode: 'prefer', sslRootCert: null }],
    ['sslmode=no-verify', { sslMode: 'require', sslRootCert: null }],
  ])('TLS by %s', (query, expected) => {
    expect(parts(`postgresql://u@h/db?${query}`)).toMatchObject(expected);
  });

  it.each([
    ['', /is not a database address/],
    ['mysql://u:S3CR3T@h/db', /is not a database address/],
    ['host=h password=S3CR3T dbname=x', /key=value connection string/],
    ['jdbc:postgresql://h/db?user=u&password=S3CR3T', /jdbc/],
    ['prisma+postgres://accelerate.example/?api_key=S3CR3T', /direct postgresql/],
    ['"postgresql://u:S3CR3T@h/db"', /quote/],
    ['postgresql://u:S3CR3T#x@h/db', /#.*%23/],
    ['postgresql://u:S3C/R3T@h', /@ behind its host/],
    ['postgresql://u:5?S3CR3T=x@h/db', /@ behind its host/],
    ['postgresql://u:100%S3CR3T@h/db', /% in its password.*%25/],
    ['postgresql://u:S3CR3T@h:port/db', /port that is not a number/],
    ['postgresql://u:S3CR3T@h:70000/db', /from 1 to 65535/],
    ['postgresql://u:S3CR3T@h1,h2/db', /several hosts/],
    ['postgresql://u:S3CR3T@h', /names no database/],
    ['postgresql://u:S3CR3T@h/a/b', /more than one \//],
    ['postgresql://u:S3CR3T@h/db?sslmod=require', /does not know: sslmod \(did you mean sslmode\?\)/],
    ['postgresql://u:S3CR3T@h/db?gssencmode=require', /does not know: gssencmode/],
    ['postgresql://u:S3CR3T@h/db?sslmode=full', /unknown sslmode; it must be one of disable/],
    ['postgresql://u:S3CR3T@h/db?sslmode=require&sslmode=disable', /says sslmode twice/],
    ['postgresql://u:S3CR3T@h/db?sslkey=/k', /sslkey without sslcert/],
    ['postgresql://u:S3CR3T@h/db?sslcert=/c&sslrootcert=/r', /sslcert without sslkey/],
    ['postgresql://u:S3CR3T@h/db?channel_binding=requir', /unknown channel_binding/],
    ['postgresql://u:S3CR3T@h/db?channel_binding=', /unknown channel_binding/],
    ['postgresql://u:S3CR3T@h/db?sslmode=verify-full&sslaccept=accept_invalid_certs', /keep one of them/],
    ['postgresql://u:S3CR3T@h/db?sslmode=require&sslrootcert=system', /needs sslmode=verify-full/],
    ['postgresql://u:S3CR3T@h/db?connect_timeout=soon', /connect_timeout that is not a number/],
    ['postgresql://u:S3CR3T@h/db?justaword', /malformed parameter/],
    ['postgresql://u%3AS3CR3T@h/db', /colon between the two is not encoded/],
    ['postgresql://h/db?user=u:S3CR3T', /colon between the two is not encoded/],
    ['postgresql://u:p?SECRET=x', /does not know, or an unencoded \?/],
    ['postgresql://u/p?SECRET=x', /does not know, or an unencoded \?/],
    ['postgresql://u:p?SECRET=%x', /% in its parameters/],
    ['postgresql://u:p?SECRET=x&SECRET=y', /says a parameter twice/],
  ])('refuses %s', (text, message) => {
    const said = fault(text);
    expect(said).toMatch(message);
    expect(said).toMatch(/^DEV_DATABASE_URL /);
    expect(said).not.toMatch(/S3CR|SECRET/);
  });

  it('carries any user, password and database through percent-encoding', () => {
    const unit = fc.constantFrom(...'aZ09@/:%#?+&=[]\\"\' \n,'.split(''), 'ü', '部', '🚀');
    const text = fc.string({ unit, minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(text, text, text, (user, password, database) => {
        fc.pre(!database.includes('/'));
        const encode = encodeURIComponent;
        const read = parts(`postgresql://${encode(user)}:${encode(password)}@h:1/${encode(database)}`);
        expect([read.user, read.password?.reveal(), read.database]).toEqual([user, password, database]);
      }),
    );
  });

  it('never shows a password, however it is printed or misread', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (left, right) => {
        const text = `postgresql://u:${left}PLANTED${right}@h/db`;
        let shown = '';
        try {
          const url = parseDatabaseUrl('X', text);
          shown = `${url.toString()}${JSON.stringify(url)}${inspect(url, { depth: 9 })}${inspect(url.parts)}`;
        } catch (error) {
          expect(error).toBeInstanceOf(SyncError);
          shown = inspect(error, { depth: 9 });
        }
        expect(shown).not.toContain('PLANTED');
      }),
      { numRuns: 500 },
    );
  });

  it('moves to another database of the same server', () => {
    const url = parseDatabaseUrl('X', 'postgresql://u:p@[::1]:5433/db');
    expect(url.withDatabase('other').toString()).toBe('u@[::1]:5433/other');
    expect(url.withDatabase('other').parts.password?.reveal()).toBe('p');
  });
});
