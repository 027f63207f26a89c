import { expect, it } from 'vitest';
import { withoutAddresses } from './without-addresses.ts';

it.each([
  ['There is no dump "postgresql://u:S3@CR3T@h/db".', 'There is no dump "(an address, not shown)".'],
  ["unknown command 'redis://:S3CR3T@h:6379/0'", "unknown command '(an address, not shown)'"],
  ['a host=h password=S3CR3T user=u', 'a host=h password=*** user=u'],
  ["a PASSWORD = 'S3 CR3T' b", 'a PASSWORD=*** b'],
  ['The service at http://127.0.0.1:3000/ cannot be reached.', null],
  ['Write to someone@example.org about https://example.org.', null],
  ['u@h:5432/db', null],
  ['postgresql://user:password@host:5432/database', null],
  ['postgresql://h/db?user=u&password=S3CR3T&x=1', 'postgresql://h/db?user=u&password=***&x=1'],
  ['prisma+postgres://h/?api_key=S3CR3T', 'prisma+postgres://h/?api_key=***'],
  ['API_KEY= is empty; remove the line', null],
])('%s', (text, shown) => {
  expect(withoutAddresses(text)).toBe(shown ?? text);
});
