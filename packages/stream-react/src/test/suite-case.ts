/** One test of the suite, without a test runner: it fails by throwing. */
export interface SuiteCase {
  readonly name: string;
  run(): Promise<void>;
}
