export interface ServerSentEvent {
  readonly type: string;
  readonly data: string;
  readonly id: string | null;
}

/** An event of ours is a snapshot of a few hundred kB at most; more is not one. */
const bufferMax = 16 * 1024 * 1024;

/** Reads a stream of server-sent events (HTML standard, section 9.2.6): holds one event at a time. */
export async function* readServerSentEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<ServerSentEvent, void, void> {
  const decoder = new TextDecoder();
  let buffer = '';
  for await (const chunk of body) {
    buffer += decoder.decode(chunk, { stream: true });
    // A carriage return at the very end may be half of a line's end.
    const usable = buffer.endsWith('\r') ? buffer.length - 1 : buffer.length;
    const blocks = buffer.slice(0, usable).split(/\r\n\r\n|\n\n|\r\r/);
    buffer = (blocks.pop() ?? '') + buffer.slice(usable);
    if (buffer.length > bufferMax) throw new Error('An event of the stream is too long.');
    for (const block of blocks) {
      const event = parseBlock(block);
      if (event !== null) yield event;
    }
  }
}

/** Null for a block without data, such as a ping. */
function parseBlock(block: string): ServerSentEvent | null {
  let type = 'message';
  let id: string | null = null;
  const data: string[] = [];
  for (const line of block.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(':');
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') type = value;
    else if (field === 'id') id = value;
    else if (field === 'data') data.push(value);
  }
  return data.length === 0 ? null : { type, data: data.join('\n'), id };
}
