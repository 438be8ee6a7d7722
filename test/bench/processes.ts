/**
 * Which process was busy: the share of one core that each process of the bench used, read from /proc. Elsewhere than on
 * Linux the answer is "unknown".
 */
import { readdirSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';

const ticksPerSecond = 100;

interface Sample {
  readonly at: number;
  readonly ticks: Map<string, number>;
  readonly machineIdle: number;
  readonly machineTotal: number;
}

/** Called at the start; the function that it returns tells the shares since then, busiest first. */
export function watchCpu(): () => string {
  const before = sample();
  return () => {
    const after = sample();
    if (!before || !after) return 'CPU shares unknown on this system';
    const seconds = (after.at - before.at) / 1000;
    const shares = [...after.ticks]
      .map(([label, ticks]) => ({
        label,
        share: (ticks - (before.ticks.get(label) ?? 0)) / ticksPerSecond / seconds,
      }))
      .filter(({ share }) => share >= 0.03)
      .sort((a, b) => b.share - a.share)
      .map(({ label, share }) => `${label} ${Math.round(share * 100)} %`);
    const total = after.machineTotal - before.machineTotal;
    const idle = total === 0 ? 0 : (after.machineIdle - before.machineIdle) / total;
    return `${shares.join(', ')} of a core; ${cpus().length} cores ${Math.round((1 - idle) * 100)} % busy`;
  };
}

function sample(): Sample | null {
  try {
    const ticks = new Map<string, number>();
    for (const pid of family(process.pid)) {
      const label = labelOf(pid);
      ticks.set(label, (ticks.get(label) ?? 0) + ticksOf(pid));
    }
    const machine = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '')
      .split(/\s+/)
      .slice(1)
      .map(Number);
    return {
      at: Date.now(),
      ticks,
      machineIdle: (machine[3] ?? 0) + (machine[4] ?? 0),
      machineTotal: machine.slice(0, 8).reduce((sum, value) => sum + value, 0),
    };
  } catch {
    return null;
  }
}

/** The process and all that came from it. */
function family(root: number): number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = statFields(Number(entry));
    if (fields) parents.set(Number(entry), Number(fields[1]));
  }
  const isOurs = (pid: number): boolean => {
    const parent = parents.get(pid);
    return pid === root || (parent !== undefined && parent !== 0 && isOurs(parent));
  };
  return [...parents.keys()].filter(isOurs);
}

/** The fields after the name in parentheses, which may hold blanks: state, parent, … */
function statFields(pid: number): string[] | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return null; // It has ended meanwhile.
  }
}

function ticksOf(pid: number): number {
  const fields = statFields(pid);
  return Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
}

function labelOf(pid: number): string {
  if (pid === process.pid) return 'host (and bench)';
  let line = '';
  try {
    line = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return 'others';
  }
  if (line.includes('azurite/dist/src/queue')) return 'Azurite queue';
  if (line.includes('azurite/dist/src/blob')) return 'Azurite blob';
  if (line.includes('emulator/main')) return 'emulator';
  return line.includes('host/worker') ? 'worker' : 'others';
}

/** Highest resident memory so far in MB, or null where /proc is not there. */
export function peakMemoryMb(pid: number): number | null {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return match ? Number(match[1]) / 1024 : null;
  } catch {
    return null;
  }
}
