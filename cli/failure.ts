/** What ends a command badly, and the exit code that a script sees. docs/cli.md has the table for people. */
export const exitCodes = {
  ok: 0,
  /** It was done, or it ended, and all is not well: partial, failed, damage found, an old point, refused by the app. */
  notWell: 1,
  /** Wrong arguments or settings, or they name what is not there. Nothing was changed. */
  usage: 2,
  /** No answer from the app. */
  unreachable: 3,
  /** The app does not let this caller in, or not do this. */
  notAllowed: 4,
  /** It still goes on: we were told not to wait longer. */
  stillRunning: 5,
  /** The user said no, or pressed Ctrl-C. */
  interrupted: 130,
} as const;
type Ending = Exclude<keyof typeof exitCodes, 'ok'>;

export class Failure extends Error {
  readonly ending: Ending;
  readonly hint: string;
  /** What the app said of it, as it said it. */
  readonly problem: unknown;

  constructor(ending: Ending, message: string, hint: string, problem?: unknown) {
    super(message);
    this.name = 'Failure';
    this.ending = ending;
    this.hint = hint;
    this.problem = problem;
  }
}
