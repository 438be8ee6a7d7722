/**
 * Throttling per vault: four budgets, each over a sliding 10-second window. Key calls weigh
 * by key type; the weights of software and HSM keys add up in one budget, HSM ones counting double, because
 * the documentation says the sum is enforced. Rejected calls are not counted.
 */
import type { KeyVersion } from './model.ts';
import type { Limits } from './options.ts';

export type Budget = keyof Limits;

const windowMs = 10_000;
const slotMs = 100;

class Window {
  private readonly slots: { start: number; weight: number }[] = [];
  private sum = 0;

  take(now: number, weight: number, limit: number): boolean {
    for (
      let first = this.slots[0];
      first !== undefined && first.start <= now - windowMs;
      first = this.slots[0]
    ) {
      this.sum -= first.weight;
      this.slots.shift();
    }
    if (this.sum + weight > limit) return false;
    this.sum += weight;
    const start = now - (now % slotMs);
    const last = this.slots.at(-1);
    if (last?.start === start) last.weight += weight;
    else this.slots.push({ start, weight });
    return true;
  }
}

export class Throttle {
  private readonly limits: Limits;
  private readonly windows = {
    secretOps: new Window(),
    createOps: new Window(),
    keyOther: new Window(),
    keyCreate: new Window(),
  };

  constructor(limits: Limits) {
    this.limits = limits;
  }

  /** False when this call would pass the budget's limit: the answer is a 429. */
  take(now: number, budget: Budget, weight: number): boolean {
    return this.windows[budget].take(now, weight, this.limits[budget]);
  }
}

/** 2048 bit and EC: 1; RSA 3072: 4,000/1,000; RSA 4096: 4,000/500; HSM keys have half of each limit. */
export function keyWeight(budget: Budget, kty: string, rsaBits: number | undefined): number {
  const hsm = kty.endsWith('-HSM') ? 2 : 1;
  if (budget === 'keyCreate' || rsaBits === undefined || rsaBits <= 2048) return hsm;
  return (rsaBits <= 3072 ? 4 : 8) * hsm;
}

export function weightOf(budget: Budget, version: KeyVersion): number {
  const modulus = version.jwk.n;
  return keyWeight(
    budget,
    version.kty,
    modulus === undefined ? undefined : Math.floor((modulus.length * 3) / 4) * 8,
  );
}
