import { expect, it } from 'vitest';
import type { JobRequest } from '../sync/contract/requests.ts';
import { newPayload, parsePayload } from './job-payload.ts';
import { requestEnds, writtenTarget } from '../sync/contract/requests.ts';

const requests: readonly [JobRequest, string | null, string | null][] = [
  [{ kind: 'export', input: { environment: 'a' } }, 'a', null],
  [{ kind: 'sync', input: { source: 'a', target: 'b', confirm: 'b' } }, 'a', 'b'],
  [{ kind: 'import', input: { dump: { id: 'd' }, target: 'b', confirm: 'b' } }, null, 'b'],
  [{ kind: 'typesense', input: { environment: 'b' } }, null, 'b'],
  [{ kind: 'rollback', input: { jobId: 'j', confirm: 'b' } }, null, 'b'],
];

it.each(requests)('knows what $kind reads and writes', (request, source, target) => {
  expect(requestEnds(request)).toEqual({ source, target });
  expect(writtenTarget(request)).toBe(target);
});

it('writes nothing in a verify, though it has two ends', () => {
  const request: JobRequest = { kind: 'verify', input: { left: 'a', right: 'b' } };
  expect(requestEnds(request)).toEqual({ source: 'a', target: 'b' });
  expect(writtenTarget(request)).toBeNull();
});

it('stores what was asked and by whom, and nothing else', () => {
  const request: JobRequest = { kind: 'export', input: { environment: 'a' } };
  const payload = newPayload(request, { actor: 'ada' });
  expect(payload).toEqual({ version: 1, request, actor: 'ada' });
  expect(parsePayload('id', JSON.parse(JSON.stringify(payload)))).toEqual(payload);
});

it('refuses fields that a request does not have, by name and without value', () => {
  const request = { kind: 'export', input: { environment: 'postgresql://u:secret@h/d', output: '/etc' } };
  expect(() => newPayload(request, {})).toThrow(
    expect.objectContaining({
      code: 'USAGE_INVALID',
      message: expect.not.stringContaining('secret') as string,
    }),
  );
  expect(() => newPayload(request, {})).toThrow(/input\.environment/);
});

it('refuses a payload of another version', () => {
  expect(() => parsePayload('id', { version: 2 })).toThrow(
    expect.objectContaining({ code: 'USAGE_INVALID' }),
  );
});
