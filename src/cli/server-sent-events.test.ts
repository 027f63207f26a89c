import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readServerSentEvents } from './server-sent-events.ts';
import type { ServerSentEvent } from './server-sent-events.ts';

async function read(text: string, cuts: readonly number[] = []): Promise<ServerSentEvent[]> {
  const bytes = new TextEncoder().encode(text);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    let from = 0;
    for (const cut of [...cuts, bytes.length].toSorted((a, b) => a - b)) {
      yield bytes.subarray(from, Math.max(from, Math.min(cut, bytes.length)));
      from = Math.max(from, Math.min(cut, bytes.length));
      await Promise.resolve();
    }
  }
  return collect(readServerSentEvents(chunks()));
}

async function collect(events: AsyncIterable<ServerSentEvent>): Promise<ServerSentEvent[]> {
  const found: ServerSentEvent[] = [];
  for await (const event of events) found.push(event);
  return found;
}

const stream =
  ': ping\n\nevent: progress\nid: 7\ndata: {"a":"ü🚀"}\n\nevent: log\r\ndata: one\r\ndata: two\r\n\r\ndata: cut off';

describe('readServerSentEvents', () => {
  it('reads events, skips pings, and drops what was cut off', async () => {
    expect(await read(stream)).toEqual([
      { type: 'progress', data: '{"a":"ü🚀"}', id: '7' },
      { type: 'log', data: 'one\ntwo', id: null },
    ]);
  });

  it('reads the same however the bytes are cut', async () => {
    const whole = await read(stream);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 120 })), async (cuts) => {
        expect(await read(stream, cuts)).toEqual(whole);
      }),
    );
  });
});
