/** The words of a command line of a document, as a shell would give them to the command; up to a pipe. */
export function shellWords(line: string): string[] {
  const words: string[] = [];
  let word: string | null = null;
  for (const [piece] of line
    .replaceAll('\\\n', ' ')
    .matchAll(/'[^']*'|"[^"]*"|\s+|[|;<>]|\s#.*$|[^\s'"|;<>]+/g)) {
    if (/^[|;<>]$/.test(piece)) break;
    if (/^\s/.test(piece)) {
      if (word !== null) words.push(word);
      word = null;
    } else word = (word ?? '') + piece.replace(/^(['"])(.*)\1$/s, '$2');
  }
  return word === null ? words : [...words, word];
}
