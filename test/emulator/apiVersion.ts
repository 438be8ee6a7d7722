/** The api-versions the service serves; another one, or none, is a 400. */
import { badParameter } from './errors.ts';

const known = new Set([
  '7.0',
  '7.1',
  '7.2',
  '7.3',
  '7.4',
  '7.5-preview.1',
  '7.5',
  '7.6-preview.1',
  '7.6-preview.2',
  '7.6',
  '2025-06-01-preview',
  '2025-07-01',
  '2026-01-01-preview',
  '2026-03-01-preview',
  '2026-04-01',
]);

export function requireApiVersion(query: URLSearchParams): string {
  const version = query.get('api-version');
  if (version === null || version === '') {
    throw badParameter('The api-version query parameter must be specified.');
  }
  if (!known.has(version)) {
    throw badParameter(
      `The specified version (${version}) is not recognized. Consider using the latest supported version (2026-04-01).`,
    );
  }
  return version;
}

/** Versions named by a date all came after the numbered ones; a preview counts as its version. */
export function isAtLeast(version: string, number: string): boolean {
  return version.startsWith('20') || version >= number;
}
