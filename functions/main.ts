/** The app: every function registers by being imported. Settings are parsed here, at start, and refused all at once. */
import './runPlan.ts';
import './backupJobs.ts';
import './backupJobsPoison.ts';
import './http/backups.ts';
import './http/vaults.ts';
import './http/recoveryPoints.ts';
import './http/diff.ts';
import './watchRuns.ts';
import './verifyVaults.ts';
import './verifyJobs.ts';
import './verifyJobsPoison.ts';
import './http/verifications.ts';
import './http/health.ts';
import './restoreJobs.ts';
import './restoreJobsPoison.ts';
import './http/restores.ts';
import './http/openApi.ts';
