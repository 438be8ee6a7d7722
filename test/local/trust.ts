/** Makes this process trust the emulator's certificate authority; a child process gets NODE_EXTRA_CA_CERTS instead. */
import tls from 'node:tls';

export const trust = (ca: string): void =>
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), ca]);
