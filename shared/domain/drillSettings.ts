/**
 * Drills delete and purge, so where they may is said twice: by the plan, and by a mark on the target. A vault that a plan
 * backs up can never be one. Pure.
 */
import type { Plan } from './plans.ts';
import { findTarget, type RestoreTargets } from './restoreTargets.ts';

export function drillProblems(
  plans: readonly Plan[],
  targets: RestoreTargets,
  role: 'backup' | 'restore' | 'portable' | 'all',
): string[] {
  const problems: string[] = [];
  const backedUp = new Set(
    plans.flatMap(({ vaults }) => vaults.flatMap(({ name, url }) => [name.toLowerCase(), url.toLowerCase()])),
  );
  const scratch = [...targets.values()].flat().filter(({ drill }) => drill);
  for (const { name, url, allowReplace } of scratch) {
    if (allowReplace || targets.has(name.toLowerCase()))
      problems.push(
        `RESTORE_TARGETS: ${name} is marked "drill": true; it can neither have "allowReplace" nor be a source`,
      );
    if (backedUp.has(name.toLowerCase()) || backedUp.has(url.toLowerCase()))
      problems.push(
        `RESTORE_TARGETS: ${name} is marked "drill": true, but a plan backs it up; a drill deletes what it restores, so give it a vault of its own`,
      );
  }
  for (const { name: plan, vaults, drill } of plans) {
    if (!drill) continue;
    const at = `the plan "${plan}".drill.target`;
    if (backedUp.has(drill.target.toLowerCase()))
      problems.push(`${at}: ${drill.target} is a vault that a plan backs up; name an empty vault of its own`);
    // The backup app only watches whether drills come; it has no targets.
    if (role !== 'restore' && role !== 'all') continue;
    for (const vault of vaults) {
      if (findTarget(targets, vault.name, drill.target)?.drill === true) continue;
      problems.push(
        `${at}: RESTORE_TARGETS must list {"name": "${drill.target}", "drill": true} under "${vault.name}"`,
      );
    }
  }
  return [...new Set(problems)];
}
