/**
 * PM2: `pm2 start ecosystem.config.cjs`. Secrets and settings stand in `.env` beside this file, which the service reads
 * itself; PM2 writes the environment it passes on into its own dump file, so it is given none of them.
 */
module.exports = {
  apps: [
    {
      name: 'multiboard-sync',
      cwd: __dirname,
      script: 'dist/cli/bin.js',
      args: 'serve',
      node_args: '--enable-source-maps',
      exec_mode: 'fork',
      instances: 1,
      env: { NODE_ENV: 'production' },
      // A variable of the shell that called pm2 would win over .env, and be stored: names with these words are not
      // passed on. (`true` ought to keep back all of them; PM2 7 passes them on then.)
      filter_env: ['DATABASE', 'TYPESENSE', 'REDIS', 'API_KEY', 'PASSWORD', 'SECRET', 'TOKEN'],
      max_memory_restart: '2G',
      // The first signal drains: up to 120 s for running jobs to end, then up to 30 s to cancel them cleanly.
      kill_timeout: 165_000,
      // The embedded PostgreSQL, where the queue uses it, is stopped by the service after the drain, not together
      // with it.
      treekill: false,
      autorestart: true,
      restart_delay: 5_000,
      // Usage (2) and configuration (3): starting again would fail again.
      stop_exit_codes: [2, 3],
      // The service writes one JSON object a line, with its own time.
      time: false,
      merge_logs: true,
    },
  ],
};
