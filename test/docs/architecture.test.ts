import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { errorCatalogue } from '../../src/errors/catalogue.ts';
import type { JobState } from '../../src/progress/progress.ts';
import { requests } from '../../src/sync/contract/requests.ts';
import { filesOf, root } from './texts.ts';

const page = readFileSync(join(root, 'docs/architecture.md'), 'utf8');
const [, table = ''] =
  /<!-- folders of src\/sync: begin -->(.*)<!-- folders of src\/sync: end -->/s.exec(page) ?? [];
const [, job = ''] = /^## A job\n(.*?)^### /ms.exec(page) ?? [];
const [, drawing = ''] = /^```\n(.*?)^```/ms.exec(job) ?? [];

const rows = [...table.matchAll(/^\| `([^`]+)` \| (\d+) \| (.+) \|$/gm)].map(([, folder, rank, holds]) => ({
  folder: folder!.replace(/\/$/, ''),
  rank: Number(rank),
  holds: holds!,
}));

const folderOf = (file: string): string => dirname(file).slice('src/sync/'.length) || '.';
const sources = filesOf().filter((file) => file.startsWith('src/sync/'));

describe('docs/architecture.md', () => {
  it('has one line for every folder of src/sync, and no other, in the order of ranks', () => {
    const folders = new Set(sources.map(folderOf));
    expect(rows.map(({ folder }) => folder).toSorted()).toEqual([...folders].toSorted());
    expect(rows.map(({ rank }) => rank)).toEqual(rows.map(({ rank }) => rank).toSorted((a, b) => a - b));
  });

  it('gives ranks that imports keep, of types too', () => {
    const rankOf = new Map(rows.map(({ folder, rank }) => [folder, rank]));
    const arrows = sources
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) =>
        [
          ...readFileSync(join(root, file), 'utf8').matchAll(/^(?:import|\} from|export) .*?'(\.[^']+)'/gm),
        ].map(([, path]) => ({ file, to: posix.join(dirname(file), path!) })),
      )
      .filter(({ to }) => to.startsWith('src/sync/'));
    expect(arrows.length).toBeGreaterThan(100);
    const upwards = arrows.filter(({ file, to }) => rankOf.get(folderOf(file))! < rankOf.get(folderOf(to))!);
    expect(upwards.map(({ file, to }) => `${file} imports ${to}`)).toEqual([]);
    const roomOf = (file: string): string => folderOf(file).replace(/\/.*/, '');
    const known = new Set(arrows.map(({ file, to }) => `${roomOf(file)} ${roomOf(to)}`));
    const bothWays = [...known].filter((pair) => {
      const [from, to] = pair.split(' ');
      return from !== to && known.has(`${to} ${from}`);
    });
    expect(bothWays).toEqual([]);
  });

  it('names functions that stand in the files it names beside them', () => {
    const named = [...page.matchAll(/`(\w+)` \(`([\w/-]+\.ts)`/g)].map(([, name, path]) => [name!, path!]);
    expect(named.length).toBeGreaterThan(15);
    const lacking = named.filter(([name, path]) => {
      const files = [`src/sync/${path}`, `src/${path}`, path!].filter((file) => existsSync(join(root, file)));
      const exported = new RegExp(`^export .*\\b${name}\\b`, 'm');
      return !files.some((file) => exported.test(readFileSync(join(root, file), 'utf8')));
    });
    expect(lacking).toEqual([]);
  });

  it('draws a job with every state and every step of a sync', () => {
    const states = {
      queued: true,
      running: true,
      cancelling: true,
      done: true,
      failed: true,
      cancelled: true,
    } satisfies Record<JobState, true>;
    const steps = requests.sync.steps.map(({ id }) => id);
    const words = new Set(drawing.match(/[a-z]+(?:-[a-z]+)*/g));
    // A dump is read back as part of the step before.
    const wanted = [...Object.keys(states), ...steps].filter((word) => word !== 'readback');
    expect(wanted.filter((word) => !words.has(word))).toEqual([]);
  });

  it('names error codes that exist, and leaves none out', () => {
    const codes = Object.keys(errorCatalogue);
    const named = [...new Set(job.match(/\b[A-Z]+_(?:[A-Z]+_)*(?:[A-Z]+|\*)|\b(?:CANCELLED|INTERNAL)\b/g))];
    const settings = new Set(['KEEP_DATABASE_HOURS']);
    const covers = (name: string, code: string): boolean =>
      name.endsWith('*') ? code.startsWith(name.slice(0, -1)) : code === name;
    expect(named.filter((name) => !settings.has(name) && !codes.some((code) => covers(name, code)))).toEqual(
      [],
    );
    expect(codes.filter((code) => !named.some((name) => covers(name, code)))).toEqual([]);
  });
});
