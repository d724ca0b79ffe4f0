// What pm2 keeps running. PORT, ADMIN_PORT, RATES_PORT and DATABASE_URL come from the environment of whoever starts it.
const { PORT = "3000", RATES_PORT = "3001", ADMIN_PORT = "3002", DATABASE_URL, RELEASE = __dirname } = process.env;

const shared = {
  cwd: RELEASE,
  exec_mode: "fork",
  instances: 1,
  kill_timeout: 2000,
  max_restarts: 15,
  min_uptime: "2s",
  merge_logs: true,
};

module.exports = {
  apps: [
    {
      ...shared,
      name: "sequencer",
      script: "src/index.js",
      node_args: "--max-old-space-size=192",
      max_memory_restart: "512M",
      env: { PORT, ADMIN_PORT, DATABASE_URL, RATES_URL: `http://127.0.0.1:${RATES_PORT}/` },
    },
    { ...shared, name: "rates", script: "src/rates.js", env: { PORT: RATES_PORT } },
  ],
};
