// Makes names unresolvable for the worker: preloaded with NODE_OPTIONS. A connection to a port that the file
// FAULTS_UNRESOLVABLE lists fails as it does when the resolver knows no such host; every other one is the real thing.
const { readFileSync } = require('node:fs');
const net = require('node:net');

const file = process.env.FAULTS_UNRESOLVABLE;
delete process.env.FAULTS_UNRESOLVABLE;
const connect = net.Socket.prototype.connect;

function isUnresolvable(port) {
  try {
    return readFileSync(file, 'utf8').split(/\s+/).includes(String(port));
  } catch {
    return false;
  }
}

function unresolved(hostname, _options, callBack) {
  const error = new Error(`getaddrinfo ENOTFOUND ${hostname}`);
  const facts = { code: 'ENOTFOUND', errno: -3008, syscall: 'getaddrinfo', hostname };
  process.nextTick(callBack, Object.assign(error, facts));
}

net.Socket.prototype.connect = function connectOrNot(...given) {
  const options = Array.isArray(given[0]) ? given[0][0] : given[0];
  if (options?.port !== undefined && isUnresolvable(options.port)) options.lookup = unresolved;
  return connect.apply(this, given);
};
