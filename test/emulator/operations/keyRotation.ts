/**
 * Rotation: rotate now, and the policy with the service's habits: a policy that
 * was never set has no id and one Notify action, and a Notify action is added whenever none was sent.
 */
import { type Call, nameOf, type Operation, ok, type Reply } from '../call.ts';
import { badParameter, invalidProperty } from '../errors.ts';
import { makeEc, makeRsa, rsaBits } from '../keyMaterial.ts';
import { findLive, refuseManaged } from '../lifecycle.ts';
import { type KeyVersion, type LifetimeAction, latest } from '../model.ts';
import { asObject, asString, optionalObject, optionalString, parseBody } from '../validate.ts';
import { newVersionId, seconds } from '../vault.ts';
import { idOf, keyBundle } from '../views.ts';

const notifyByDefault: LifetimeAction = { trigger: { timeBeforeExpiry: 'P30D' }, action: { type: 'Notify' } };
const duration = /^P(?=\d)(\d+Y)?(\d+M)?(\d+D)?$/;

async function rotate(call: Call): Promise<Reply> {
  const { vault } = call;
  const entry = findLive(vault, 'key', nameOf(call));
  refuseManaged(entry, 'rotate');
  const before = latest(entry.versions);
  const curve = before.jwk.crv === 'secp256k1' ? 'P-256K' : (before.jwk.crv ?? '');
  const jwk = before.kty.startsWith('RSA') ? await makeRsa(rsaBits(before.jwk)) : await makeEc(curve);
  const now = seconds(vault);
  const version: KeyVersion = {
    ...before,
    id: newVersionId(),
    enabled: true,
    created: now,
    updated: now,
    jwk,
  };
  delete version.nbf;
  const lifetime = entry.rotationPolicy?.expiryTime;
  version.exp = lifetime === undefined ? undefined : after(now, lifetime);
  entry.versions.set(version.id, version);
  return ok(keyBundle(vault, entry, version, call.apiVersion));
}

/** `now` plus a duration that `duration` has matched, years and months by the calendar. */
function after(now: number, text: string): number {
  const [, years, months, days] = (duration.exec(text) ?? []).map((part) => Number.parseInt(part ?? '0', 10));
  const date = new Date(now * 1000);
  date.setUTCFullYear(date.getUTCFullYear() + (years ?? 0), date.getUTCMonth() + (months ?? 0));
  return date.getTime() / 1000 + (days ?? 0) * 86_400;
}

function policyOf(call: Call): Reply {
  const { vault } = call;
  const entry = findLive(vault, 'key', nameOf(call));
  const policy = entry.rotationPolicy;
  if (policy === undefined) return ok({ lifetimeActions: [notifyByDefault], attributes: null });
  return ok({
    id: `${idOf(vault, 'key', entry.name)}/rotationpolicy`,
    lifetimeActions: policy.lifetimeActions,
    attributes: { expiryTime: policy.expiryTime, created: policy.created, updated: policy.updated },
  });
}

function setPolicy(call: Call): Reply {
  const { vault } = call;
  const entry = findLive(vault, 'key', nameOf(call));
  refuseManaged(entry, 'setrotationpolicy');
  const body = parseBody(call.body);
  const given = body['lifetimeActions'] ?? [];
  if (!Array.isArray(given)) throw invalidProperty();
  const lifetimeActions = given.map(readAction);
  const notifies = lifetimeActions.some(({ action }) => action.type.toLowerCase() === 'notify');
  if (!notifies) lifetimeActions.push(structuredClone(notifyByDefault));
  const expiryTime = readDuration(optionalObject(body['attributes'])?.['expiryTime']);
  const updated = seconds(vault);
  const created = entry.rotationPolicy?.created ?? updated;
  entry.rotationPolicy = { lifetimeActions, expiryTime, created, updated };
  return policyOf(call);
}

function readAction(value: unknown): LifetimeAction {
  const { trigger, action } = asObject(value);
  const { timeAfterCreate, timeBeforeExpiry } = asObject(trigger);
  const type = asString(asObject(action)['type']);
  if (!['rotate', 'notify'].includes(type.toLowerCase())) throw invalidProperty();
  const after = readDuration(timeAfterCreate);
  const before = readDuration(timeBeforeExpiry);
  if ((after === undefined) === (before === undefined)) {
    throw badParameter('A lifetime action needs exactly one of timeAfterCreate and timeBeforeExpiry.');
  }
  return { trigger: { timeAfterCreate: after, timeBeforeExpiry: before }, action: { type } };
}

function readDuration(value: unknown): string | undefined {
  const text = optionalString(value);
  if (text !== undefined && !duration.test(text)) throw invalidProperty();
  return text;
}

const policyPath = 'keys/{name}/rotationpolicy';

export const keyRotationOperations: Operation[] = [
  {
    name: 'keys.rotate',
    method: 'POST',
    path: 'keys/{name}/rotate',
    action: 'keys/rotate/action',
    permission: 'rotate',
    budget: 'keyCreate',
    changes: true,
    handle: rotate,
  },
  {
    name: 'keys.rotationPolicy.get',
    method: 'GET',
    path: policyPath,
    action: 'keyrotationpolicies/read',
    permission: 'getrotationpolicy',
    budget: 'keyOther',
    changes: false,
    handle: policyOf,
  },
  {
    name: 'keys.rotationPolicy.set',
    method: 'PUT',
    path: policyPath,
    action: 'keyrotationpolicies/write',
    permission: 'setrotationpolicy',
    budget: 'keyOther',
    changes: true,
    handle: setPolicy,
  },
];
