/**
 * The moments at which a fault is made, as data: a step of a piece of work, as its state names it, and the request that
 * is hit there. A new step, or a new kind of work, is one more line here, and each fault meets it by itself.
 */
export type Work = 'backup' | 'restore' | 'replace' | 'verify' | 'drill';

export interface BlobRequest {
  readonly operation: 'PutBlob' | 'GetBlob' | 'ListBlobs';
  readonly container: string;
  /** A part of the blob's name; of a listing nothing is known but its container. */
  readonly part?: string;
}

export interface Moment {
  readonly work: Work;
  /** Steps of the state in which it lies; none before there is a state. */
  readonly steps: readonly string[];
  readonly name: string;
  /** Exactly one of the three: an operation of the vault, as the emulator names it; a blob's request; a message sent. */
  readonly call?: string;
  readonly blob?: BlobRequest;
  readonly message?: string;
  /** How many such requests of that step pass first. */
  readonly skip?: number;
  /** It comes only where a target's budget makes the work wait. */
  readonly slowTarget?: true;
}

const request: readonly string[] = [];
/** Jobs run while the run goes from one of these to the other. */
const jobs = ['capture', 'settle'];
const restoreJobs = ['apply', 'settle'];

const put = (container: string, part: string): BlobRequest => ({ operation: 'PutBlob', container, part });
const get = (container: string, part: string): BlobRequest => ({ operation: 'GetBlob', container, part });
const list = (container: string): BlobRequest => ({ operation: 'ListBlobs', container });

const of =
  (work: Work, steps: readonly string[]) =>
  (name: string, hit: Pick<Moment, 'call' | 'blob' | 'message' | 'skip' | 'slowTarget'>): Moment => ({
    work,
    steps,
    name,
    ...hit,
  });

const started = of('backup', request);
const listing = of('backup', ['list']);
const capturing = of('backup', jobs);
const settling = of('backup', ['settle']);
const checking = of('backup', ['check']);
const sealing = of('backup', ['seal']);
const asked = of('restore', request);
const planning = of('restore', ['plan']);
const restoring = of('restore', restoreJobs);
const restoreSettling = of('restore', ['settle']);
const restoreSealing = of('restore', ['seal']);
const replacing = of('replace', restoreJobs);
const verification = of('verify', request);
const verifyPlanning = of('verify', ['plan']);
const verifySending = of('verify', ['check']);
const verifying = of('verify', ['check', 'settle']);
const verifySettling = of('verify', ['settle']);
const verifySealing = of('verify', ['seal']);
const drill = of('drill', request);
const preparing = of('drill', ['prepare']);
const probing = of('drill', ['probe']);
const drilling = of('drill', ['restore']);
const cleaning = of('drill', ['clean']);
const recording = of('drill', ['record']);

export const moments: readonly Moment[] = [
  started('write the state', { blob: put('state', 'vaults/') }),
  // After the message for the deadline and the state.
  listing('send for now', { message: 'advanceRun' }),
  listing('list secrets', { call: 'secrets.list' }),
  listing('list keys', { call: 'keys.list' }),
  listing('list certificates', { call: 'certificates.list' }),
  listing('write the plan', { blob: put('state', '/plan/') }),
  listing('write the state', { blob: put('state', 'vaults/') }),
  capturing('read the plan', { blob: get('state', '/plan/') }),
  capturing('send a job', { message: 'backUpObject' }),
  capturing('back up a secret', { call: 'secrets.backup' }),
  capturing('look at a key', { call: 'keys.get' }),
  capturing('read a rotation policy', { call: 'keys.rotationPolicy.get' }),
  capturing('back up a key', { call: 'keys.backup' }),
  capturing('back up a certificate', { call: 'certificates.backup' }),
  capturing('store a blob', { blob: put('backups', '.secretbackup') }),
  settling('list the blobs', { blob: list('backups') }),
  settling('write the state', { blob: put('state', 'vaults/') }),
  checking('list secrets', { call: 'secrets.list' }),
  checking('write the state', { blob: put('state', 'vaults/') }),
  sealing('list the blobs', { blob: list('backups') }),
  sealing('write the index', { blob: put('backups', '/objects.') }),
  sealing('write the point', { blob: put('backups', '/recovery-points/') }),
  sealing('clear the state', { blob: put('state', 'vaults/') }),

  asked('read the point', { blob: get('backups', '/recovery-points/') }),
  asked('write the state', { blob: put('state', 'restores/') }),
  planning('send for now', { message: 'advanceRestore' }),
  planning('list the target', { call: 'secrets.list' }),
  planning('list the deleted', { call: 'secrets.deleted.list' }),
  planning('read the index', { blob: get('backups', '/objects.') }),
  planning('write the plan', { blob: put('state', '/plan/') }),
  restoring('audit the start', { blob: put('audit', 'started.json') }),
  restoring('send for later', { message: 'advanceRestore', slowTarget: true }),
  restoring('send a job', { message: 'restoreObject' }),
  restoring('read a blob', { blob: get('backups', '.secretbackup') }),
  restoring('restore a secret', { call: 'secrets.restore' }),
  restoring('restore a key', { call: 'keys.restore' }),
  restoring('set a rotation policy', { call: 'keys.rotationPolicy.set' }),
  restoring('restore a certificate', { call: 'certificates.restore' }),
  restoring('record the outcome', { blob: put('state', '/outcomes/') }),
  restoreSettling('list the outcomes', { blob: list('state') }),
  restoreSealing('audit the end', { blob: put('audit', 'ended.json') }),
  restoreSealing('write the state', { blob: put('state', 'restores/') }),

  replacing('try it on the taken name', { call: 'secrets.restore' }),
  replacing('make a copy', { call: 'secrets.backup' }),
  replacing('store the copy', { blob: put('safety', '.secretbackup') }),
  replacing('record the copy', { blob: put('state', '/copied.json') }),
  replacing('look before removing', { call: 'secrets.versions' }),
  replacing('remove', { call: 'secrets.delete' }),
  replacing('compare the deleted', { call: 'secrets.deleted.get' }),
  replacing('record the removal', { blob: put('state', '/removed.json') }),
  replacing('purge', { call: 'secrets.purge' }),
  replacing('restore', { call: 'secrets.restore', skip: 1 }),
  replacing('record the outcome', { blob: put('state', '/outcomes/') }),

  verification('list the points', { blob: list('backups') }),
  verification('write the state', { blob: put('state', 'verifications/') }),
  // After the message for the deadline and the state.
  verifyPlanning('send for now', { message: 'advanceVerification' }),
  verifyPlanning('list the blobs', { blob: list('backups') }),
  verifyPlanning('read the run', { blob: get('state', 'vaults/') }),
  verifyPlanning('read a point', { blob: get('backups', '/recovery-points/') }),
  verifyPlanning('list the earlier ones', { blob: list('audit') }),
  verifyPlanning('read an index', { blob: get('backups', '/objects.') }),
  verifyPlanning('write a part', { blob: put('state', '/parts/') }),
  verifyPlanning('write the notes', { blob: put('state', '/notes.json') }),
  verifyPlanning('write the state', { blob: put('state', 'verifications/') }),
  verifySending('send a job', { message: 'verifyBlobs' }),
  verifying('read a part', { blob: get('state', '/parts/') }),
  verifying('read a blob', { blob: get('backups', '.secretbackup') }),
  verifying('record the result', { blob: put('state', '/results/') }),
  verifySettling('list the results', { blob: list('state') }),
  verifySealing('read the notes', { blob: get('state', '/notes.json') }),
  verifySealing('write the record', { blob: put('audit', 'verifications/') }),
  verifySealing('read it back', { blob: get('audit', 'verifications/') }),
  verifySealing('write the state', { blob: put('state', 'verifications/') }),

  drill('send for now', { message: 'advanceDrill' }),
  drill('write the state', { blob: put('state', 'drills/') }),
  preparing('list the scratch vault', { call: 'secrets.list' }),
  preparing('list what it deleted', { call: 'keys.deleted.list' }),
  preparing('read the point', { blob: get('backups', '/recovery-points/') }),
  preparing('read the index', { blob: get('backups', '/objects.') }),
  preparing('audit the start', { blob: put('audit', 'drills/') }),
  preparing('write the state', { blob: put('state', 'drills/') }),
  // The one object that goes ahead: the first of the index.
  probing('ask for the restore', { blob: put('state', 'restores/') }),
  probing('send the restore for now', { message: 'advanceRestore' }),
  probing('restore a certificate', { call: 'certificates.restore' }),
  probing('look for purge protection', { call: 'secrets.list', skip: 1 }),
  drilling('send a job', { message: 'restoreObject' }),
  drilling('read a blob', { blob: get('backups', '.secretbackup') }),
  drilling('restore a secret', { call: 'secrets.restore' }),
  drilling('restore a key', { call: 'keys.restore' }),
  drilling('read the outcomes', { blob: get('state', '/outcomes/') }),
  drilling('write the state', { blob: put('state', 'drills/') }),
  cleaning('send for later', { message: 'advanceDrill' }),
  cleaning('note what goes', { blob: put('state', 'drills/') }),
  cleaning('delete', { call: 'secrets.delete' }),
  cleaning('purge', { call: 'secrets.purge' }),
  cleaning('look again', { call: 'secrets.list', skip: 1 }),
  recording('audit the end', { blob: put('audit', 'drills/') }),
  recording('clear the state', { blob: put('state', 'drills/') }),
];
