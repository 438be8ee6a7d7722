/** @peculiar/x509, made to load and to use Node's web crypto. The emulator imports it only from here. */
import './reflect.ts';

import { webcrypto } from 'node:crypto';
import { cryptoProvider } from '@peculiar/x509';

cryptoProvider.set(webcrypto);

export * from '@peculiar/x509';
