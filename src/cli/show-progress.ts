import type { JobEvent, ProgressSnapshot } from '../progress/progress.ts';
import type { Context } from './context.ts';
import { createLiveView } from './render/live-view.ts';
import { plainProgress } from './render/plain-progress.ts';
import { jsonLine } from './render/text.ts';

export interface ProgressShower {
  readonly onEvent: (event: JobEvent) => void;
  /** The latest snapshot. */
  readonly last: () => ProgressSnapshot | null;
  /** A line for people that must not be drawn over. */
  readonly note: (line: string) => void;
  readonly end: () => void;
}

/** Events to where they belong: `--json` to stdout, a live view to a terminal, plain lines to anything else. */
export function showProgress({ io, options, colour }: Context): ProgressShower {
  let last: ProgressSnapshot | null = null;
  const show = shower({ io, options, colour });
  return {
    onEvent(event) {
      if (event.type === 'progress') last = event.progress;
      show.onEvent(event);
    },
    last: () => last,
    note: show.note,
    end: show.end,
  };
}

function shower({
  io,
  options,
  colour,
}: Pick<Context, 'io' | 'options' | 'colour'>): Omit<ProgressShower, 'last'> {
  const note = (line: string): void => {
    io.stderr.write(`${line}\n`);
  };
  if (options.json === true) {
    return {
      note,
      onEvent: (event) => {
        io.stdout.write(`${jsonLine(event)}\n`);
      },
      end: () => {},
    };
  }
  if (options.quiet === true) return { note, onEvent: () => {}, end: () => {} };
  if (io.stderr.isTTY === true && io.env['TERM'] !== 'dumb') {
    return createLiveView(io.stderr, { color: colour.people, now: io.now });
  }
  const linesOf = plainProgress();
  return {
    note,
    onEvent: (event) => {
      for (const line of linesOf(event)) io.stderr.write(`${line}\n`);
    },
    end: () => {},
  };
}
