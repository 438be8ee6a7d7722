/** One project per kind of test, so that each can be run alone: `npx vitest --project unit`. */
import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], testTimeout: number) => ({
  test: { name, include, testTimeout, hookTimeout: testTimeout, environment: 'node' as const },
});

export default defineConfig({
  test: {
    // One more than the two cores that CI has: an end-to-end test waits for a third of its time.
    maxWorkers: 3,
    projects: [
      project(
        'unit',
        ['test/unit/**/*.test.ts', 'test/arch/**/*.test.ts', 'test/infra/**/*.test.ts'],
        120_000,
      ),
      project('contract', ['test/contract/**/*.test.ts'], 120_000),
      project('emulator', ['test/emulator/**/*.test.ts'], 120_000),
      project('host', ['test/host/**/*.test.ts', 'test/local/**/*.test.ts'], 120_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 180_000),
      project('faults', ['test/faults/**/*.test.ts'], 240_000),
    ],
  },
});
