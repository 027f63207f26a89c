import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { LogLine } from '../api/types.ts';
import { counted, exactly } from '../lib/format.ts';
import { saveText } from '../lib/download.ts';

type Level = LogLine['level'];

const ranks: Readonly<Record<Level, number>> = { info: 0, warn: 1, error: 2 };
const inks: Readonly<Record<Level, string>> = { info: 'text-soft', warn: 'text-warn', error: 'text-bad' };
const lineHeight = 26;
const boxHeight = 320;

/** A run's log: by level, by words, following what comes until one scrolls up; to take away as text or as JSON lines. */
export function RunLog({
  id,
  lines,
  live,
}: {
  readonly id: string;
  readonly lines: readonly LogLine[];
  readonly live: boolean;
}): ReactNode {
  const [level, setLevel] = useState<Level>('info');
  const [words, setWords] = useState('');
  const shown = lines.filter(
    (line) => ranks[line.level] >= ranks[level] && textOf(line).toLowerCase().includes(words.toLowerCase()),
  );
  return (
    <section className="space-y-3" aria-label="Log">
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="mr-auto font-semibold">
          Log <span className="text-soft text-sm font-normal">{counted(lines.length, 'line')}</span>
        </h2>
        <select
          aria-label="Lines from this level on"
          className="field w-auto"
          value={level}
          onChange={(event) => {
            setLevel(event.target.value as Level);
          }}
        >
          <option value="info">All levels</option>
          <option value="warn">Warnings and errors</option>
          <option value="error">Errors</option>
        </select>
        <input
          type="search"
          aria-label="Lines that hold"
          placeholder="Search the log"
          className="field w-44"
          value={words}
          onChange={(event) => {
            setWords(event.target.value);
          }}
        />
        <button
          type="button"
          className="button"
          onClick={() => {
            saveText(`${id}.log`, `${lines.map(plain).join('\n')}\n`, 'text/plain');
          }}
        >
          Text
        </button>
        <button
          type="button"
          className="button"
          onClick={() => {
            saveText(
              `${id}.ndjson`,
              lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
              'application/x-ndjson',
            );
          }}
        >
          NDJSON
        </button>
      </div>
      <Lines lines={shown} live={live} />
    </section>
  );
}

function Lines({ lines, live }: { readonly lines: readonly LogLine[]; readonly live: boolean }): ReactNode {
  const box = useRef<HTMLDivElement>(null);
  const [follows, setFollows] = useState(live);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 12,
  });
  useEffect(() => {
    if (follows && lines.length > 0) virtual.scrollToIndex(lines.length - 1, { align: 'end' });
  }, [follows, lines.length, virtual]);
  const onScroll = (): void => {
    const one = box.current;
    if (one !== null && live)
      setFollows(one.scrollHeight - one.scrollTop - one.clientHeight < lineHeight * 2);
  };
  if (lines.length === 0) return <p className="text-soft text-sm">No line to show.</p>;
  return (
    <div className="relative">
      <div
        ref={box}
        role="log"
        aria-live="off"
        aria-label="Lines"
        tabIndex={0}
        onScroll={onScroll}
        className="card overflow-auto font-mono text-[0.8125rem]"
        style={{ height: Math.min(boxHeight, lines.length * lineHeight + 2) }}
      >
        <div className="relative min-w-max" style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const line = lines[index];
            return line === undefined ? null : (
              <div
                key={index}
                className="absolute flex gap-3 px-3 whitespace-nowrap"
                style={{ top: start, height: lineHeight, lineHeight: `${lineHeight}px` }}
              >
                <time
                  dateTime={new Date(line.at).toISOString()}
                  title={exactly(line.at)}
                  className="text-soft"
                >
                  {new Date(line.at).toLocaleTimeString()}
                </time>
                <span className={`w-10 ${inks[line.level]}`}>{line.level}</span>
                <span>{line.message}</span>
                <span className="text-soft">{fieldsOf(line)}</span>
              </div>
            );
          })}
        </div>
      </div>
      {live && !follows && (
        <button
          type="button"
          className="button absolute right-4 bottom-3 shadow"
          onClick={() => {
            setFollows(true);
          }}
        >
          Follow
        </button>
      )}
    </div>
  );
}

const fieldsOf = ({ fields }: LogLine): string =>
  Object.entries(fields)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
const textOf = (line: LogLine): string => `${line.message} ${fieldsOf(line)}`;
const plain = (line: LogLine): string =>
  `${new Date(line.at).toISOString()} ${line.level.padEnd(5)} ${textOf(line)}`.trimEnd();
