import { useEffect, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type uPlot from 'uplot';
import { bytes, count } from '../lib/format.ts';
import type { Sample } from '../live/live-state.ts';
import { Table } from '../ui/table.tsx';

const height = 168;
const samplesMin = 3;

/** How fast it was, over time; the same as a table for who cannot see a line. */
export function Throughput({ samples }: { readonly samples: readonly Sample[] }): ReactNode {
  const [asTable, setAsTable] = useState(false);
  if (samples.length < samplesMin) return null;
  return (
    <section className="card space-y-3 p-5">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <h2 className="font-semibold">Throughput</h2>
        <button
          type="button"
          className="button"
          onClick={() => {
            setAsTable(!asTable);
          }}
        >
          {asTable ? 'As a chart' : 'As a table'}
        </button>
      </div>
      {asTable ? (
        <Table
          caption="Throughput"
          columns={[
            { title: 'Time', cell: ({ at }) => new Date(at).toLocaleTimeString() },
            { title: 'Data', cell: ({ bytesPerSecond }) => `${bytes(bytesPerSecond)}/s`, isNumber: true },
            {
              title: 'Rows',
              cell: ({ rowsPerSecond }) => `${count(Math.round(rowsPerSecond))}/s`,
              isNumber: true,
            },
          ]}
          rows={samples.toReversed()}
          keyOf={({ at }) => String(at)}
        />
      ) : (
        <Chart samples={samples} />
      )}
    </section>
  );
}

function Chart({ samples }: { readonly samples: readonly Sample[] }): ReactNode {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const newest = useRef(samples);
  newest.current = samples;
  const [failed, setFailed] = useState(false);

  useEffect(() => {
    const box = place.current;
    if (box === null) return undefined;
    let gone = false;
    const observer = new ResizeObserver(() => {
      plot.current?.setSize({ width: box.clientWidth, height });
    });
    import('uplot')
      .then(({ default: Plot }) => {
        if (gone) return;
        plot.current = new Plot(optionsOf(box), dataOf(newest.current), box);
        observer.observe(box);
      })
      .catch(() => {
        // Its file could not be had: the table has the same.
        setFailed(true);
      });
    return () => {
      gone = true;
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, []);
  useEffect(() => {
    plot.current?.setData(dataOf(samples));
  }, [samples]);

  if (failed)
    return <p className="text-soft text-sm">The chart could not be loaded; the table shows the same.</p>;
  const last = samples.at(-1);
  return (
    <div
      ref={place}
      role="img"
      aria-label={`Throughput over time, now ${bytes(last?.bytesPerSecond ?? 0)} per second`}
      style={{ height }}
    />
  );
}

const dataOf = (samples: readonly Sample[]): uPlot.AlignedData => [
  samples.map(({ at }) => at / 1000),
  samples.map(({ bytesPerSecond }) => bytesPerSecond),
];

function optionsOf(box: HTMLElement): uPlot.Options {
  const colour = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name);
  const axis = {
    stroke: colour('--soft'),
    grid: { stroke: colour('--line'), width: 1 },
    ticks: { show: false },
  };
  return {
    width: box.clientWidth,
    height,
    legend: { show: false },
    cursor: { y: false },
    series: [
      {},
      { stroke: colour('--accent'), fill: colour('--accent-tint'), width: 2, points: { show: false } },
    ],
    axes: [
      { ...axis, space: 90 },
      { ...axis, size: 72, values: (_plot, values) => values.map((value) => `${bytes(value)}/s`) },
    ],
    scales: { y: { range: (_plot, _low, high) => [0, Math.max(1, high * 1.1)] } },
  };
}
