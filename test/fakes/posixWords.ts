/** The words of a line as a POSIX shell gives them. */
export function posixWords(line: string): string[] {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|\\.|[^\s'\\])+/g)) {
    words.push(
      word.replace(/'([^']*)'|\\(.)|([^'\\]+)/g, (_, quoted?: string, escaped?: string, plain?: string) => {
        if (plain !== undefined && /[^\w./:=@%+-]/.test(plain)) throw new Error(`unquoted: ${plain}`);
        return quoted ?? escaped ?? plain ?? '';
      }),
    );
  }
  return words;
}
