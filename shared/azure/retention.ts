/**
 * The Retention port on Azure Resource Manager. Reads one container's policy and has no other call: locking it is a
 * person's step (scripts/lockRetention.ts), never the app's.
 */
import { StorageManagementClient } from '@azure/arm-storage';
import { isRestError } from '@azure/core-rest-pipeline';
import type { TokenCredential } from '@azure/identity';
import type { StorageResource } from '../domain/retention.ts';
import type { Cloud } from '../domain/vaultUrl.ts';
import type { Retention } from '../ports/retention.ts';
import { describeFailure } from './describeFailure.ts';
import { resourceManagerOf, resourceManagerScope } from './resourceManager.ts';

const timeoutMs = 30_000;

export interface RetentionOptions {
  readonly resource: StorageResource;
  readonly container: string;
  readonly credential: TokenCredential;
  readonly cloud: Cloud;
  /** Another address than the cloud's own, for tests. */
  readonly endpoint?: string;
}

export function armRetention({
  resource,
  container,
  credential,
  cloud,
  endpoint = resourceManagerOf[cloud],
}: RetentionOptions): Retention {
  const { blobContainers } = new StorageManagementClient(credential, resource.subscription, {
    endpoint,
    credentials: { scopes: [resourceManagerScope(cloud)] },
  });
  return {
    async policy() {
      try {
        const found = await blobContainers.getImmutabilityPolicy(
          resource.group,
          resource.account,
          container,
          {
            abortSignal: AbortSignal.timeout(timeoutMs),
          },
        );
        const days = found.immutabilityPeriodSinceCreationInDays ?? 0;
        // A container without a policy is answered with an empty one.
        return days > 0 ? { state: found.state ?? null, days } : null;
      } catch (error) {
        if (isRestError(error) && error.statusCode === 404) return null;
        const target = `storage account ${resource.account}`;
        throw describeFailure(
          error,
          { target, operation: `read of the retention policy of ${container}` },
          null,
        );
      }
    },
  };
}
