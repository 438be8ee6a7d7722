/**
 * Faults on request. One that names no operation hits everything at its vault, probes too, because an
 * unreachable vault is unreachable for probes; one that names an operation hits only that ('probe' included).
 * Delays of all matching faults add up; of the others the first one that matches decides.
 */
export type FaultKind =
  | {
      status: number;
      body?: 'json' | 'empty' | 'html' | 'truncated' | 'null';
      code?: string;
      innererror?: string;
      message?: string;
      retryAfterSeconds?: number;
    }
  | { reset: true }
  | { delayMs: number }
  | { hang: true }
  | { slowBodyMs: number }
  | { repeatPage: true }
  | { dropNextLink: true }
  | { corruptBlob: true };

export interface Fault {
  vault?: string;
  operation?: string;
  /** The object's name, without regard to case. */
  name?: string;
  /** How many calls it hits; absent: all. */
  count?: number;
  /** How many matching calls it lets pass first. */
  skip?: number;
  /** 'after': the call is carried out, then its answer is lost or replaced. Default 'before'. */
  when?: 'before' | 'after';
  kind: FaultKind;
}

interface Armed {
  id: string;
  fault: Fault;
  skip: number;
  left: number;
  hits: number;
}

export interface Hit {
  delayMs: number;
  when: 'before' | 'after';
  kind: FaultKind | undefined;
}

export class Faults {
  private armed: Armed[] = [];
  private last = 0;

  add(fault: Fault): string {
    this.last += 1;
    const id = `fault-${this.last}`;
    // JSON has no Infinity: null, as an absent count, means every call.
    this.armed.push({
      id,
      fault,
      skip: fault.skip ?? 0,
      left: fault.count ?? Number.POSITIVE_INFINITY,
      hits: 0,
    });
    return id;
  }

  /** How many calls it has hit; 0 once it is removed. */
  hitsOf(id: string): number {
    return this.armed.find((one) => one.id === id)?.hits ?? 0;
  }

  remove(id: string): void {
    this.armed = this.armed.filter((one) => one.id !== id);
  }

  clear(): void {
    this.armed = [];
  }

  /** Which faults hit this call; uses up their skips and counts. */
  hit(vault: string, operation: string, name: string | undefined): Hit {
    const result: Hit = { delayMs: 0, when: 'before', kind: undefined };
    for (const one of this.armed) {
      const { fault } = one;
      if (fault.vault !== undefined && fault.vault !== vault) continue;
      if (fault.operation !== undefined && fault.operation !== operation) continue;
      if (fault.name !== undefined && fault.name.toUpperCase() !== name?.toUpperCase()) continue;
      const delays = 'delayMs' in fault.kind;
      if (one.left <= 0 || (!delays && result.kind !== undefined)) continue;
      if (one.skip > 0) {
        one.skip -= 1;
        continue;
      }
      one.left -= 1;
      one.hits += 1;
      if ('delayMs' in fault.kind) result.delayMs += fault.kind.delayMs;
      else Object.assign(result, { kind: fault.kind, when: fault.when ?? 'before' });
    }
    return result;
  }
}
