/** Certificate contacts of the vault. Reading them needs the write action, the only one there is. */
import { type Call, type Operation, ok, type Reply } from '../call.ts';
import { invalidProperty, ServiceError } from '../errors.ts';
import { asObject, asString, optionalString, parseBody } from '../validate.ts';
import type { Vault } from '../vault.ts';

function view(vault: Vault): Reply {
  if (vault.contacts === undefined) throw new ServiceError(404, 'ContactsNotFound', 'Contacts not found');
  return ok({ id: `${vault.origin}/certificates/contacts`, contacts: vault.contacts });
}

function set(call: Call): Reply {
  const contacts = parseBody(call.body)['contacts'];
  if (!Array.isArray(contacts)) throw invalidProperty();
  call.vault.contacts = contacts.map((contact) => {
    const { email, name, phone } = asObject(contact);
    return { email: asString(email), name: optionalString(name), phone: optionalString(phone) };
  });
  return view(call.vault);
}

function remove(call: Call): Reply {
  const removed = view(call.vault);
  call.vault.contacts = undefined;
  return removed;
}

const shared = {
  path: 'certificates/contacts',
  action: 'certificatecontacts/write',
  permission: 'managecontacts',
  budget: 'secretOps',
} as const;

export const contactOperations: Operation[] = [
  {
    name: 'certificates.contacts.get',
    method: 'GET',
    ...shared,
    changes: false,
    handle: (call) => view(call.vault),
  },
  { name: 'certificates.contacts.set', method: 'PUT', ...shared, changes: true, handle: set },
  { name: 'certificates.contacts.delete', method: 'DELETE', ...shared, changes: true, handle: remove },
];
