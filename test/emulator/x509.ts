/** @peculiar/x509 with the metadata library that it needs, on Node's web crypto. The emulator imports it only from here. */
import 'reflect-metadata';

import { webcrypto } from 'node:crypto';
import { cryptoProvider } from '@peculiar/x509';

cryptoProvider.set(webcrypto);

export * from '@peculiar/x509';
