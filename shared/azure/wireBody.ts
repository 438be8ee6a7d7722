/**
 * What the SDK cannot put on the wire as it should: dates after 2038, which its serializers cut to 32 bits (measured in
 * keyvault-secrets 4.12.0: a year of 2040 is sent as a negative number), and a certificate's policy whole, of which its
 * types know a part. So for such a call the body is completed after it was serialized.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';

type Body = Record<string, unknown>;
type Complete = (body: Body) => Body;

const completing = new AsyncLocalStorage<Complete>();

/** Runs one SDK call whose body is completed. */
export const withBody = <T>(complete: Complete, call: () => Promise<T>): Promise<T> =>
  completing.run(complete, call);

export const bodyPolicy: PipelinePolicy = {
  name: 'keyvaultBackupWireBody',
  async sendRequest(request, next) {
    const complete = completing.getStore();
    if (complete && typeof request.body === 'string' && request.body !== '')
      request.body = JSON.stringify(complete(JSON.parse(request.body) as Body));
    return next(request);
  },
};

/** Unix seconds, as they are. */
export const wireDates = (body: Body, notBefore: number | null, expires: number | null): Body => {
  const { nbf: _nbf, exp: _exp, ...attributes } = (body['attributes'] ?? {}) as Body;
  return {
    ...body,
    attributes: {
      ...attributes,
      ...(notBefore === null ? {} : { nbf: notBefore }),
      ...(expires === null ? {} : { exp: expires }),
    },
  };
};
