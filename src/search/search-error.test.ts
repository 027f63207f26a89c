import { Errors } from 'typesense';
import { expect, test } from 'vitest';
import { clientError, httpStatusOf, serverMessage, statusError } from './search-error.ts';

test.each([
  [401, 'Forbidden', 'AUTH_SEARCH'],
  [403, '', 'AUTH_SEARCH'],
  [503, 'Not Ready or Lagging', 'SEARCH_UNAVAILABLE'],
  [502, '', 'SEARCH_UNAVAILABLE'],
  [504, '', 'SEARCH_UNAVAILABLE'],
  [429, 'Rate limit exceeded', 'SEARCH_UNAVAILABLE'],
  [408, '', 'SEARCH_UNAVAILABLE'],
  [500, 'Could not find a leader.', 'SEARCH_UNAVAILABLE'],
  [500, 'Name `x` conflicts with an existing collection name.', 'SEARCH_REFUSED'],
  [422, 'Rejecting write: running out of resource type: OUT_OF_MEMORY', 'SEARCH_OUT_OF_RESOURCES'],
  [422, 'Skipping writes.', 'SEARCH_OUT_OF_RESOURCES'],
  [422, 'Another alter is in progress', 'SEARCH_REFUSED'],
  [400, 'Parameter `fields` is required.', 'SEARCH_REFUSED'],
  [404, 'Not Found', 'SEARCH_UNAVAILABLE'],
])('status %i "%s" is %s', (status, said, code) => {
  const error = statusError('http://node', 'Doing it', status, said);
  expect(error.code).toBe(code);
  expect(httpStatusOf(error)).toBe(status);
});

test('an error of the official client keeps its words and drops its payload', () => {
  const payload = '{"id":"1","secret":"s3cret"}';
  const thrown = new Errors.RequestMalformed(
    'Request failed with HTTP code 400 | Server said: Bad field.',
    payload,
    400,
  );
  const error = clientError(thrown, 'http://node', 'Creating');
  expect(error).toMatchObject({ code: 'SEARCH_REFUSED' });
  expect((error as Error).message).toBe('Creating at http://node: status 400, Bad field.');
  expect((error as Error).cause).toBeUndefined();
  expect(JSON.stringify(error)).not.toContain('s3cret');
});

test.each([
  ['{"message": "Not Found"}', 'Not Found'],
  ['{"message": "Field `quote"d` is bad."}', 'Field `quote"d` is bad.'],
  ['{"message": 5}', ''],
  ['<html>bad gateway</html>', ''],
  ['', ''],
])('the message of %s', (text, message) => {
  expect(serverMessage(text)).toBe(message);
});
