import type { Reporter, TestModule } from 'vitest/node';

const messageOf = (error: unknown) =>
  String((error as { message?: unknown } | undefined)?.message ?? error);

/** Ends a run with one line for each failure, so that the end of a long log says what failed, and the plain line `N passed, N failed`. */
export default class PlainReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    let skipped = 0;
    const failures = errors.map(messageOf);
    for (const module of modules) {
      const [broken] = module.errors();
      if (broken) failures.push(`${module.relativeModuleId}: ${messageOf(broken)}`);
      for (const test of module.children.allTests()) {
        const { state, errors: reasons } = test.result();
        if (state === 'passed') passed += 1;
        else if (state === 'failed')
          failures.push(`${module.relativeModuleId} > ${test.fullName}: ${messageOf(reasons[0])}`);
        else skipped += 1;
      }
    }
    const tail = skipped > 0 ? `, ${skipped} skipped` : '';
    const lines = failures.map((failure) => `FAILED ${failure.split('\n', 1)[0]}`);
    lines.push(`${passed} passed, ${failures.length} failed${tail}`);
    process.stdout.write(`\n${lines.join('\n')}\n`);
  }
}
