/**
 * Preloaded (`node --import`) into each Azurite process, for two things its command line cannot do.
 * It ends when the channel to its parent closes, so that it never outlives a test run, however that one ended.
 * It keeps idle connections open: `--blobKeepAliveTimeout` is accepted and ignored in 3.37.0 and
 * `--queueKeepAliveTimeout` is unknown, so Node's 5 seconds would apply and long suites would meet ECONNRESET.
 */
import { subscribe } from 'node:diagnostics_channel';
import { Server } from 'node:http';

const KEEP_ALIVE_MS = 60 * 60 * 1000;

subscribe('http.server.request.start', (message) => {
  // The server is Azurite's and cannot be reached otherwise; our first request is the one that waits for its start.
  const { server } = message as { server: unknown };
  if (server instanceof Server) server.keepAliveTimeout = KEEP_ALIVE_MS;
});

process.once('disconnect', () => {
  // Azurite's own handler saves what is on disk and closes; it is missing while Azurite is still starting.
  if (!process.emit('SIGTERM')) process.exit(1);
});
