/** The bundle of a live or deleted object of any kind, as delete, get-deleted, recover and restore answer it. */
import { certificateBundle, certificateItem } from '../certificateViews.ts';
import { type Entry, latest } from '../model.ts';
import type { Vault } from '../vault.ts';
import { keyBundle, keyItem, secretBundle, secretItem } from '../views.ts';

export function bundleOf(vault: Vault, entry: Entry, apiVersion: string): object {
  switch (entry.kind) {
    case 'secret':
      return secretBundle(vault, entry, latest(entry.versions));
    case 'key':
      return keyBundle(vault, entry, latest(entry.versions), apiVersion);
    case 'certificate':
      return certificateBundle(vault, entry, latest(entry.versions));
  }
}

export function itemOf(vault: Vault, entry: Entry, apiVersion: string): object {
  switch (entry.kind) {
    case 'secret':
      return secretItem(vault, entry, latest(entry.versions), false);
    case 'key':
      return keyItem(vault, entry, latest(entry.versions), { apiVersion, versioned: false });
    case 'certificate':
      return certificateItem(vault, entry, latest(entry.versions), false);
  }
}
