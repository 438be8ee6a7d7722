/** A yes from the operator, or nothing happens. */
import { confirm } from '@clack/prompts';
import { Failure } from './failure.ts';
import { isInteractive, plain } from './io.ts';
import type { Kvb } from './kvb.ts';

export interface Question {
  /** It was given already, by --yes. */
  readonly yes: boolean;
  /** What is wrong where nobody can be asked. */
  readonly nobody: string;
  /** What a no means. */
  readonly no: string;
}

export async function demandYes({ io }: Kvb, message: string, { yes, nobody, no }: Question): Promise<void> {
  if (yes) return;
  if (!isInteractive(io))
    throw new Failure('usage', nobody, 'Give --yes once the plan above is what you want.');
  const { stdin: input, stderr: output } = io;
  if ((await confirm({ message: plain(message), initialValue: false, input, output })) !== true)
    throw new Failure('interrupted', no, 'The plan above was all.');
}
