/**
 * Preloaded (`node --import`) into each Azurite process, for three things its command line cannot do.
 * It ends when the channel to its parent closes, so that it never outlives a test run, however that one ended.
 * It keeps idle connections open: `--blobKeepAliveTimeout` is accepted and ignored in 3.37.0 and
 * `--queueKeepAliveTimeout` is unknown, so Node's 5 seconds would apply and long suites would meet ECONNRESET.
 * It does not sweep: once a minute (blobs: ten) Azurite removes the text of deleted messages one by one from an index
 * that it rebuilds each time, and answers nobody meanwhile. After 4,000 messages that was 13 to 37 s of silence, which
 * no storage account has.
 */
import { subscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';
import { createRequire } from 'node:module';

const KEEP_ALIVE_MS = 60 * 60 * 1000;
const SWEEP_MS = 24 * 60 * 60 * 1000;

for (const service of ['blob', 'queue']) {
  const constants = createRequire(import.meta.url)(`azurite/dist/src/${service}/utils/constants.js`) as {
    DEFAULT_GC_INTERVAL_MS?: number;
  };
  if (constants.DEFAULT_GC_INTERVAL_MS === undefined)
    throw new Error(`Azurite's ${service} sweeps as who knows`);
  constants.DEFAULT_GC_INTERVAL_MS = SWEEP_MS;
}

subscribe('http.server.request.start', (message) => {
  // The server is Azurite's and cannot be reached otherwise; our first request is the one that waits for its start.
  const { server } = message as { server: unknown };
  if (server instanceof Server) server.keepAliveTimeout = KEEP_ALIVE_MS;
});

process.once('disconnect', () => {
  // Azurite's own handler saves what is on disk and closes; it is missing while Azurite is still starting.
  if (!process.emit('SIGTERM')) process.exit(1);
});
