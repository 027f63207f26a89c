import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { parseEnv } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loadConfig } from '../../src/config/load-config.ts';
import { configFileSchema } from '../../src/config/config-file.ts';
import { exitCodes } from '../../src/errors/outcome.ts';
import { cancelMs, drainMs } from '../../src/jobs/queue-settings.ts';

const text = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const drainSeconds = (drainMs + cancelMs) / 1000;

interface ComposeService {
  readonly ports?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly stop_grace_period?: string;
  readonly healthcheck?: object;
  readonly command?: unknown;
}
const compose = parse(text('compose.yaml')) as {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly configs: Readonly<Record<string, { readonly content: string }>>;
};

describe('ecosystem.config.cjs', () => {
  const { apps } = createRequire(import.meta.url)('../../ecosystem.config.cjs') as {
    apps: readonly Readonly<Record<string, unknown>>[];
  };

  it('runs one instance, gives a drain its time, and does not restart what is configured wrong', () => {
    expect(apps).toHaveLength(1);
    expect(apps[0]).toMatchObject({ instances: 1, exec_mode: 'fork', max_memory_restart: '2G' });
    expect(apps[0]!['kill_timeout']).toBeGreaterThan(drainMs + cancelMs);
    expect(apps[0]!['stop_exit_codes']).toEqual([exitCodes.usage, exitCodes.config]);
  });

  it('passes on no variable that the service reads', () => {
    const words = apps[0]!['filter_env'] as readonly string[];
    const secrets = [
      'STAGING_DATABASE_URL',
      'STAGING_TYPESENSE_API_KEY',
      'API_KEY',
      'REDIS_URL',
      'REDIS_PASSWORD',
    ];
    expect(secrets.filter((name) => !words.some((word) => name.includes(word)))).toEqual([]);
    expect(apps[0]!['env']).toEqual({ NODE_ENV: 'production' });
  });
});

describe('deploy/multiboard-sync.service', () => {
  const unit = text('deploy/multiboard-sync.service');

  it('gives a drain its time and does not restart what is configured wrong', () => {
    expect(Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1])).toBeGreaterThan(drainSeconds);
    expect(unit).toContain(`RestartPreventExitStatus=${exitCodes.usage} ${exitCodes.config}\n`);
    expect(unit).toMatch(/^KillMode=mixed$/m);
  });

  it.each(['NoNewPrivileges=true', 'ProtectSystem=strict', 'PrivateTmp=true', 'LimitCORE=0', 'UMask=0077'])(
    'has %s',
    (line) => {
      expect(unit.split('\n')).toContain(line);
    },
  );
});

describe('compose.yaml', () => {
  const { services, configs } = compose;

  it('publishes the service alone, on loopback', () => {
    const published = Object.entries(services).flatMap(([name, { ports = [] }]) =>
      ports.map((port) => [name, port] as const),
    );
    expect(published).toEqual([['service', '127.0.0.1:${PUBLISHED_PORT:-3000}:3000']]);
  });

  it('gives every server a health check, and a drain its time', () => {
    expect(services['redis']?.healthcheck).toBeDefined();
    expect(services['typesense']?.healthcheck).toBeDefined();
    expect(text('Dockerfile')).toContain('HEALTHCHECK');
    expect(Number(services['service']?.stop_grace_period?.replace('s', ''))).toBeGreaterThan(drainSeconds);
  });

  it('keeps the queue: appended to disk, never evicted', () => {
    expect(configs['redis']?.content).toContain('appendonly yes\n');
    expect(configs['redis']?.content).toContain('maxmemory-policy noeviction\n');
  });

  it('takes every secret from .env, named in .env.example', () => {
    const example = text('.env.example');
    const used = [...text('compose.yaml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name]) => name!);
    expect(used.filter((name) => !new RegExp(`^#?${name}=`, 'm').test(example))).toEqual([]);
    // An argument list shows to everybody on the machine.
    expect(JSON.stringify(Object.values(services).map(({ command }) => command))).not.toContain('$');
  });
});

describe('the examples', () => {
  it('.env.example is a configuration as it stands, and with everything in it that is commented out', () => {
    const example = text('.env.example');
    const all = example.replaceAll(/^#(?=[A-Z_]+=)/gm, '');
    for (const env of [parseEnv(example), parseEnv(all)]) {
      const { environments } = loadConfig({ env, cwd: '/nowhere' });
      expect([...environments.keys()].toSorted()).toEqual(['production', 'staging']);
      expect(environments.get('production')?.protection).toBe('source-only');
    }
  });

  it('multiboard-sync.config.example.yaml has known keys and possible values only', () => {
    expect(
      configFileSchema.safeParse(parse(text('multiboard-sync.config.example.yaml'))).error,
    ).toBeUndefined();
  });
});
