import { once } from 'node:events';
import type { Response } from 'express';
import type { FeedItem } from './job-feed.ts';

/**
 * Writes a job's feed as server-sent events (HTML standard, "Server-sent events"). A snapshot's id is its sequence, so
 * a client that reconnects says with `Last-Event-ID` what it has. Waits for a slow client (`drain`), which makes the
 * feed drop what is out of date. Resolves when the feed has ended; rejects with the signal's reason.
 */
export async function writeEventStream(
  response: Response,
  feed: AsyncIterable<FeedItem>,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    // A proxy that buffers or compresses would hold the events back.
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  response.flushHeaders();
  for await (const item of feed) {
    if (!response.write(eventText(item))) await once(response, 'drain', { signal });
  }
  response.end();
}

function eventText(item: FeedItem): string {
  switch (item.type) {
    case 'ping':
      return ': ping\n\n';
    case 'progress':
      return event('progress', item.progress, item.progress.sequence);
    case 'job':
    case 'end':
      return event(item.type, item.job);
    case 'log':
      return event('log', item.line);
    case 'gap':
      return event('gap', { dropped: item.dropped });
    default:
      return item satisfies never;
  }
}

/** JSON has no raw line feed, so one `data:` line holds it all. */
function event(name: string, data: object, id?: number): string {
  return `event: ${name}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`;
}
