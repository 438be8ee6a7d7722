/**
 * Preloaded (`node --import`) into each Azurite process, for two things its command line cannot do.
 * It ends when the channel to its parent closes, so that it never outlives a test run, however that one ended.
 * It keeps idle connections open: `--blobKeepAliveTimeout` is accepted and ignored in 3.37.0 and
 * `--queueKeepAliveTimeout` is unknown, so Node's 5 seconds would apply and long suites would meet ECONNRESET.
 */
import http from 'node:http';
import net from 'node:net';

const KEEP_ALIVE_MS = 60 * 60 * 1000;

Object.defineProperty(http.Server.prototype, 'listen', {
  value: function listenAndKeepAlive(this: http.Server, ...args: unknown[]): unknown {
    this.keepAliveTimeout = KEEP_ALIVE_MS;
    return Reflect.apply(net.Server.prototype.listen, this, args);
  },
});

process.once('disconnect', () => {
  // Azurite's own handler saves what is on disk and closes; it is missing while Azurite is still starting.
  if (!process.emit('SIGTERM')) process.exit(1);
});
