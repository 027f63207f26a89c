import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { privateDirectory, refuseNoFile, writeFileDurably } from './files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'multiboard-sync-files-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

const modeOf = async (path: string): Promise<string> => ((await stat(path)).mode & 0o7777).toString(8);

describe('a directory for what we write', () => {
  it('is made for us alone, with those on the way to it', async () => {
    await privateDirectory(join(folder, 'a', 'b'));
    expect([await modeOf(join(folder, 'a')), await modeOf(join(folder, 'a', 'b'))]).toEqual(['700', '700']);
  });

  it.each(['755', '711', '2750', '700', '775'])('stays as it is where it is there: %s', async (mode) => {
    const path = join(folder, 'there');
    await mkdir(path);
    await chmod(path, Number.parseInt(mode, 8));
    await privateDirectory(path);
    expect(await modeOf(path)).toBe(mode);
  });

  it.each(['1777', '777', '757'])(
    'is refused, and left as it is, where anybody may write: %s',
    async (mode) => {
      const path = join(folder, 'shared');
      await mkdir(path);
      await chmod(path, Number.parseInt(mode, 8));
      await expect(privateDirectory(path)).rejects.toMatchObject({
        code: 'STORAGE_UNUSABLE',
        message: expect.stringContaining(`mode ${mode}`),
      });
      expect(await modeOf(path)).toBe(mode);
      // A folder of its own below it is fine.
      await privateDirectory(join(path, 'ours'));
      expect([await modeOf(path), await modeOf(join(path, 'ours'))]).toEqual([mode, '700']);
    },
  );

  it.skipIf(process.getuid?.() !== 0)('is refused where another group may write', async () => {
    const path = join(folder, 'theirs');
    await mkdir(path);
    await chown(path, 0, 12_345);
    await chmod(path, 0o770);
    await expect(privateDirectory(path)).rejects.toMatchObject({ code: 'STORAGE_UNUSABLE' });
  });

  it.skipIf(process.getuid?.() !== 0)(
    'is refused where it is another user’s, whatever its mode',
    async () => {
      const path = join(folder, 'theirs');
      await mkdir(path, { mode: 0o755 });
      await chown(path, 12_345, 12_345);
      await expect(privateDirectory(path)).rejects.toMatchObject({
        code: 'STORAGE_UNUSABLE',
        message: expect.stringContaining('belongs to another user (uid 12345;'),
      });
    },
  );
});

describe('a file written durably', () => {
  it('follows no link that lies where it is written', async () => {
    const path = join(folder, 'dump.sql.manifest.json');
    const precious = join(folder, 'precious');
    await writeFile(precious, 'precious');
    await symlink(precious, `${path}.partial`);
    await symlink(precious, path);
    await writeFileDurably(path, 'ours');
    expect(await readFile(precious, 'utf8')).toBe('precious');
    expect(await readFile(path, 'utf8')).toBe('ours');
    expect((await lstat(path)).isFile()).toBe(true);
    expect(await modeOf(path)).toBe('600');
    expect((await readdir(folder)).sort()).toEqual([
      'dump.sql.manifest.json',
      'dump.sql.manifest.json.partial',
      'precious',
    ]);
  });

  it('leaves the old one, and nothing of itself, where it cannot be written', async () => {
    const path = join(folder, 'a folder');
    await mkdir(join(path, 'not empty'), { recursive: true });
    await expect(writeFileDurably(path, 'ours')).rejects.toMatchObject({ code: 'STORAGE_UNUSABLE' });
    expect(await readdir(folder)).toEqual(['a folder']);
  });
});

it('a directory that cannot be made is told, and not tried for ever', async () => {
  await expect(privateDirectory('/proc/multiboard/data')).rejects.toMatchObject({ code: 'STORAGE_UNUSABLE' });
});

describe('the place of what is to be written', () => {
  it('is free, or a file’s, or a link’s; never a directory’s or a device’s', async () => {
    const [file, link] = [join(folder, 'file'), join(folder, 'link')];
    await writeFile(file, 'x');
    await symlink('/dev/null', link);
    for (const path of [file, link, join(folder, 'none'), join(folder, 'none', 'none')])
      await refuseNoFile(path);
    await expect(refuseNoFile(folder)).rejects.toMatchObject({
      code: 'STORAGE_UNUSABLE',
      message: expect.stringContaining('is a directory'),
    });
    await expect(refuseNoFile('/dev/null')).rejects.toThrow('"null" is no file but a device');
  });
});
