/**
 * What a route says of itself, for the OpenAPI document: what may be asked, and every answer with its schema. The
 * handler's type follows from the answers, so that neither can change without the other.
 */
import type { HttpResponseInit } from '@azure/functions';
import type { z } from 'zod';
import type { Role } from './principal.ts';

export interface Answer {
  readonly description: string;
  readonly schema: z.ZodType;
  /** Headers that this answer may carry, with what they mean. */
  readonly headers?: Readonly<Record<string, string>>;
}
/** By status. What goes wrong is told as a problem document, see `problems`. */
export type Answers = Readonly<Record<number, Answer>>;

export type Answered<A extends Answers> = {
  [S in keyof A & number]: Omit<HttpResponseInit, 'body' | 'jsonBody' | 'status'> & {
    readonly status: S;
    readonly jsonBody: z.output<A[S]['schema']>;
  };
}[keyof A & number];

export interface Operation<A extends Answers = Answers> {
  readonly method: 'GET' | 'POST';
  /** Names its path parameters in braces. */
  readonly route: string;
  readonly summary: string;
  /** One of them is demanded; null: anybody may call. */
  readonly roles: readonly Role[] | null;
  /** Which app has it; `both`: backup and restore. What only reads recovery points is in both, for the night one is down. */
  readonly apps: 'backup' | 'restore' | 'portable' | 'both' | 'all';
  readonly query?: z.ZodObject;
  /** Request headers besides those of sign-in. */
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly answers: A;
  /** Statuses of problem documents that only this route has; the others follow from roles and body. */
  readonly problems?: Readonly<Partial<Record<400 | 404 | 409, string>>>;
}

export const pathParameters = ({ route }: Pick<Operation, 'route'>): string[] =>
  [...route.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);

/** Every route of the interface by name, whichever app registers it. */
export const operations = new Map<string, Operation>();
