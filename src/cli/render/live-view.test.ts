import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTracker } from '../../progress/tracker.ts';
import type { Tracker } from '../../progress/tracker.ts';
import { createLiveView } from './live-view.ts';

/** As much of a terminal as the view uses: line feeds, cursor up (CSI n F), clear to the end (CSI J), wrapping. */
class Terminal {
  columns = 60;
  rows = 20;
  frames = 0;
  #lines: string[] = [''];
  #row = 0;

  readonly write = (text: string): boolean => {
    this.frames += 1;
    // oxlint-disable-next-line no-control-regex -- a terminal reads control codes
    for (const [token] of text.matchAll(/\u001B\[(\d*)([A-Za-z])|\n|[^\u001B\n]+/gu)) this.#take(token);
    return true;
  };

  #take(token: string): void {
    if (token === '\n') {
      this.#row += 1;
      this.#lines[this.#row] ??= '';
    } else if (token.startsWith('\u001B')) {
      if (token.endsWith('F')) this.#row -= Number(token.slice(2, -1));
      else if (token.endsWith('J')) this.#lines = [...this.#lines.slice(0, this.#row), ''];
      else throw new Error(`unknown code ${JSON.stringify(token)}`);
      if (this.#row < 0) throw new Error('above the first line');
    } else {
      this.#lines[this.#row] += token;
    }
  }

  /** A terminal wraps what is too long when its window gets narrower. */
  resize(columns: number): void {
    this.columns = columns;
    const wrapped = this.#lines
      .slice(0, -1)
      .flatMap((line) => line.match(new RegExp(`.{1,${columns}}`, 'gu')) ?? ['']);
    this.#lines = [...wrapped, ''];
    this.#row = wrapped.length;
  }

  get text(): string[] {
    return this.#lines.map((line) => line.trimEnd()).filter((line) => line !== '');
  }
}

let terminal: Terminal;
let tracker: Tracker;
let end: () => void;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_700_000_000_000 });
  terminal = new Terminal();
  const now = (): number => Date.now();
  const view = createLiveView(terminal, { color: false, now });
  end = view.end;
  tracker = createTracker({
    jobId: 'job1',
    kind: 'sync',
    source: 'staging',
    target: 'production',
    now,
    emit: view.onEvent,
  });
  tracker.plan([{ id: 'load', bytes: 1_000_000 }]);
});
afterEach(() => {
  vi.useRealTimers();
});

describe('createLiveView', () => {
  it('draws in place, and leaves the last state', () => {
    for (let chunk = 0; chunk < 100; chunk += 1) {
      if (chunk === 0) tracker.step('load');
      vi.advanceTimersByTime(100);
      tracker.itemAdvanced('public.Part', 1, 10_000);
    }
    tracker.finish('done', { message: 'production equals staging.' });
    end();
    expect(terminal.text).toEqual([
      expect.stringMatching(/^sync staging → production .*10 s$/),
      expect.stringMatching(/^✓ Load rows .*10 s$/),
      expect.stringMatching(/^█+ 100 % {2}production equals staging\.$/),
    ]);
  });

  it('draws at most ten times a second, and lets the clock run without news', () => {
    tracker.step('load');
    const before = terminal.frames;
    for (let call = 0; call < 1000; call += 1) {
      vi.advanceTimersByTime(1);
      tracker.setState('running', `call ${call}`);
    }
    expect(terminal.frames - before).toBeLessThanOrEqual(10);
    vi.advanceTimersByTime(60_000);
    expect(terminal.text[0]).toMatch(/1 min 0[01] s$/);
  });

  it('survives a window made narrower and wider', () => {
    tracker.step('load');
    for (const columns of [40, 25, 100, 60]) {
      terminal.resize(columns);
      vi.advanceTimersByTime(500);
    }
    end();
    expect(terminal.text.filter((line) => line.startsWith('sync staging'))).toHaveLength(1);
    expect(terminal.text.filter((line) => line.includes('Load rows'))).toHaveLength(1);
  });

  it('draws in a terminal that does not know its size', () => {
    terminal.columns = 0;
    terminal.rows = 0;
    tracker.step('load');
    vi.advanceTimersByTime(2000);
    end();
    expect(terminal.text).toHaveLength(3);
    expect(terminal.text[1]).toMatch(/^▸ Load rows .*2\.0 s$/);
  });

  it('puts warnings above, where they stay', () => {
    tracker.log('warn', 'before the first frame');
    tracker.step('load');
    tracker.log('warn', 'one table has no key');
    vi.advanceTimersByTime(2000);
    tracker.log('info', 'not shown');
    end();
    expect(terminal.text.slice(0, 2)).toEqual(['warn before the first frame', 'warn one table has no key']);
    expect(terminal.text.filter((line) => line.includes('warn'))).toHaveLength(2);
  });

  it('holds no process open', () => {
    tracker.step('load');
    end();
    vi.advanceTimersByTime(10_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});
