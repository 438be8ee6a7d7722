/**
 * @peculiar/x509 brings tsyringe, which refuses to load without `reflect-metadata`; that package is not
 * installed here. These three functions are what tsyringe calls. Import before x509 (x509.ts does).
 */
const store = new WeakMap<object, Map<unknown, unknown>>();

const metadata = {
  getMetadata: (key: unknown, target: object): unknown => store.get(target)?.get(key),
  getOwnMetadata: (key: unknown, target: object): unknown => store.get(target)?.get(key),
  defineMetadata: (key: unknown, value: unknown, target: object): void => {
    const own = store.get(target) ?? new Map<unknown, unknown>();
    store.set(target, own.set(key, value));
  },
};

if (!('getMetadata' in Reflect)) Object.assign(Reflect, metadata);
