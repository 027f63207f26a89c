import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { readImportAnswer, rejectionReason } from './import-answer.ts';

const ok = '{"success":true}';
const bad = (code: number, error: string): string =>
  JSON.stringify({ code, document: '{"id":"7","secret":"s3cret"}', error, success: false });

test('success needs one good line for each document', () => {
  expect(readImportAnswer(`${ok}\n${ok}`, 2, false)).toEqual({ kind: 'answered', accepted: 2, rejected: [] });
  expect(readImportAnswer(`\n${ok}\n\n${ok}\n`, 2, false)).toMatchObject({ kind: 'answered', accepted: 2 });
});

test.each([
  ['', 1],
  [ok, 2],
  [`${ok}\n${ok}`, 1],
])('an answer with too few or too many lines is not usable: %j', (text, sent) => {
  expect(readImportAnswer(text, sent, false).kind).toBe('unreadable');
});

test('rejected lines keep their position, blank lines have none', () => {
  const answer = readImportAnswer(`${ok}\n\n${bad(400, 'Field `n` must be an int32.')}\n${ok}`, 3, false);
  expect(answer).toMatchObject({ kind: 'answered', accepted: 2, rejected: [{ line: 1, code: 400 }] });
});

test('a refusal in the middle is not a success', () => {
  const message = 'Rejecting write: running out of resource type: OUT_OF_DISK';
  const answer = readImportAnswer(`${ok}\n${JSON.stringify({ message })}`, 2, false);
  expect(answer).toEqual({ kind: 'stopped', message });
});

test.each([['{"success":"true"}'], ['{}'], ['null'], ['[]'], ['{"success":tr'], ['<html>']])(
  'a line that is no result makes the answer unusable: %s',
  (line) => {
    expect(readImportAnswer(line, 1, false).kind).toBe('unreadable');
  },
);

test('409 is a success only for a body that went out before, and hides no other failure', () => {
  const duplicate = bad(409, 'A document with id 7 already exists.');
  expect(readImportAnswer(duplicate, 1, false)).toMatchObject({ accepted: 0, rejected: [{ code: 409 }] });
  expect(readImportAnswer(duplicate, 1, true)).toMatchObject({ accepted: 1, rejected: [] });
  const many = [...Array.from({ length: 50 }, () => duplicate), bad(400, 'Field `n` must be a float.')];
  expect(readImportAnswer(many.join('\n'), 51, true)).toMatchObject({ rejected: [{ line: 50, code: 400 }] });
});

test('never more than a few rejections are kept', () => {
  const text = Array.from({ length: 5000 }, () => bad(400, 'x')).join('\n');
  const answer = readImportAnswer(text, 5000, false);
  expect(answer.kind === 'answered' && answer.rejected.length <= 100 && answer.accepted === 0).toBe(true);
});

test('any text: an answer counts as success only with exactly the sent number of success lines', () => {
  const line = fc.constantFrom(ok, '', ' ', bad(400, 'x'), '{"message":"m"}', '{', '{"success":null}');
  fc.assert(
    fc.property(fc.array(line), fc.nat(6), (lines, sent) => {
      const answer = readImportAnswer(lines.join('\n'), sent, false);
      const results = lines.filter((text) => text.trim() !== '');
      const all = results.length === sent && results.every((text) => text === ok);
      expect(answer.kind === 'answered' && answer.rejected.length === 0).toBe(all);
    }),
  );
});

test.each([
  ['Field `price` must be a float.', 'field "price" must be of type float'],
  ['Field `price` must be an array of int32.', 'field "price" must be of type array of int32'],
  [
    'Field `price` has been declared in the schema, but is not found in the document.',
    'field "price" is required and missing',
  ],
  ['Field `price` has an incorrect type.', 'field "price" has the wrong type'],
  [
    'Field `price` must be a 2 element array: [lat, lng].',
    'field "price" must be a pair [latitude, longitude]',
  ],
  ["Document's `id` field should be a string.", 'field "id" must be of type string'],
  ['The `id` should not be empty.', 'field "id" must not be empty'],
  ["Bad JSON: parse error; last read: 's3cret'", 'it is not valid JSON'],
  [
    '[json.exception.type_error.302] type must be number, but is s3cret',
    'a value could not be indexed (status 400)',
  ],
  ['Field `s3cret` must be a float.', 'a value could not be indexed (status 400)'],
  ['Field `price` is s3cret', 'field "price" (status 400)'],
])('the reason repeats no value: %s', (error, reason) => {
  const said = rejectionReason({ line: 0, code: 400, error }, ['name', 'price']);
  expect(said).toBe(reason);
  expect(said).not.toContain('s3cret');
});
