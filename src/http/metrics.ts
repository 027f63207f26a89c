import type { JobState } from '../progress/progress.ts';
import type { RehearsalState } from '../sync/verbs/rehearsals.ts';

export interface MetricsInput {
  readonly version: string;
  readonly jobsByState: Readonly<Record<JobState, number>>;
  readonly memory: NodeJS.MemoryUsage;
  readonly uptimeSeconds: number;
  readonly rehearsals: readonly RehearsalState[];
}

/** Prometheus text exposition format 0.0.4. Names and labels are our own words, so nothing needs escaping. */
export function metricsText({
  version,
  jobsByState,
  memory,
  uptimeSeconds,
  rehearsals,
}: MetricsInput): string {
  const lines = [
    ...family('multiboard_sync_info', 'gauge', 'The running version.', [[`{version="${version}"}`, 1]]),
    ...family(
      'multiboard_sync_jobs',
      'gauge',
      'Jobs in the queue and its history, by state.',
      Object.entries(jobsByState).map(([state, jobs]) => [`{state="${state}"}`, jobs]),
    ),
    ...family(
      'multiboard_sync_rehearsal_proved_timestamp_seconds',
      'gauge',
      'When a dump of the environment was last proved restorable.',
      rehearsals.flatMap(({ environment, proved }) =>
        proved === null ? [] : [[`{environment="${environment}"}`, proved.at / 1000] as const],
      ),
    ),
    ...family('process_resident_memory_bytes', 'gauge', 'Resident memory of the process.', [
      ['', memory.rss],
    ]),
    ...family('nodejs_heap_used_bytes', 'gauge', 'Used JavaScript heap.', [['', memory.heapUsed]]),
    ...family(
      'nodejs_external_memory_bytes',
      'gauge',
      'Memory of buffers and other objects outside the heap.',
      [['', memory.external]],
    ),
    ...family('process_uptime_seconds', 'gauge', 'Time since the process started.', [['', uptimeSeconds]]),
  ];
  return `${lines.join('\n')}\n`;
}

function family(
  name: string,
  type: 'gauge',
  help: string,
  samples: readonly (readonly [labels: string, value: number])[],
): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...samples.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}
