import { expect, it } from 'vitest';
import { isTooLong } from './check.ts';

const serverError = (code: string, message: string): Error => Object.assign(new Error(message), { code });

it.each([
  // COPY and a row's text, by stringinfo.c of 13 to 18.
  serverError('54000', 'out of memory'),
  serverError('54000', 'string buffer exceeds maximum allowed length (1073741823 bytes)'),
  serverError('54000', 'string of 1000000000 bytes is too long for encoding conversion'),
  // bytea in hexadecimal digits, by mcxt.c.
  serverError('XX000', 'invalid memory alloc request size 1200000003'),
])('$code $message is a row that is too long', (error) => {
  expect(isTooLong(error)).toBe(true);
});

it.each([
  serverError('53200', 'out of memory'),
  serverError('54000', 'row is too big: size 8192, maximum size 8160'),
  serverError('XX000', 'could not open relation with OID 1'),
  new Error('invalid memory alloc request size 5'),
])('$code $message is none', (error) => {
  expect(isTooLong(error)).toBe(false);
});
