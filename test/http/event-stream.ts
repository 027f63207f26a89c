/** One event of a stream, or a comment. */
export interface StreamEvent {
  readonly name: string;
  readonly id: string | null;
  // Each assertion says which shape it expects.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly data: any;
}

export interface EventReader {
  readonly response: Response;
  /** The next event; null when the stream has ended. */
  next(): Promise<StreamEvent | null>;
  /** Reads on until an event of that name. */
  until(name: string): Promise<StreamEvent>;
  close(): void;
}

/** Reads server-sent events as the HTML standard says, one at a time. */
export async function openEventStream(
  url: string,
  headers: Readonly<Record<string, string>>,
): Promise<EventReader> {
  const abort = new AbortController();
  const response = await fetch(url, { headers, signal: abort.signal });
  if (response.body === null) throw new Error('The answer has no body.');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<StreamEvent | null> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end >= 0) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        const fields = new Map(
          block
            .split('\n')
            .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
        );
        const data = fields.get('data');
        return {
          name: fields.get('event') ?? 'comment',
          id: fields.get('id') ?? null,
          data: data === undefined ? null : JSON.parse(data),
        };
      }
      const { done, value } = await reader.read();
      if (done) return null;
      text += value;
    }
  };
  return {
    response,
    next,
    until: async (name) => {
      for (;;) {
        const event = await next();
        if (event === null) throw new Error(`The stream ended before ${name}.`);
        if (event.name === name) return event;
      }
    },
    close: () => {
      abort.abort();
    },
  };
}
