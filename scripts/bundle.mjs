/**
 * The command line in a few files: Node takes half a millisecond for each module that it loads, and a command has
 * some 500 of ours. `dist/cli/bin.js` becomes the entry of the bundle, `dist/chunks` what it loads; all other files of
 * `dist` stay single modules. Packages stay where npm puts them (docs/adr/0023-the-command-line-is-bundled.md).
 */
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { rolldown } from 'rolldown';

/** What `src/lib/sql-file.ts` would read when the module loads. */
const sqlFileCall = /(?<!`)\bsqlFile\(import\.meta\.url, '(\.[^']+\.sql)'\)/g;

/** @param {string} output the folder that tsc has filled */
export async function bundle(output) {
  const build = await rolldown({
    input: join(output, 'cli', 'bin.js'),
    platform: 'node',
    external: /^[^./]/,
    plugins: [compiled],
  });
  await build.write({
    dir: output,
    format: 'esm',
    sourcemap: true,
    entryFileNames: 'cli/[name].js',
    // As deep as all modules lie: what they find through `import.meta.url` (the page, package.json) is found from here.
    chunkFileNames: 'chunks/[name]-[hash].js',
  });
  await build.close();
}

/** tsc's output with its source map, so that errors name lines of `src`; SQL files as text in place of a read. */
const compiled = {
  name: 'compiled',
  load(file) {
    const code = readFileSync(file, 'utf8').replaceAll(sqlFileCall, (_, relative) =>
      JSON.stringify(readFileSync(join(dirname(file), relative), 'utf8')),
    );
    return { code, map: readFileSync(join(dirname(file), `${basename(file)}.map`), 'utf8') };
  },
};
