import { cases as browserCases } from './react-suite';
import { serverCases } from './suite/server-cases';
import type { SuiteCase } from './suite-case';

/** The suite and what needs Node. Bundled with each React and run by `react-versions.test.ts`. */
export const cases: SuiteCase[] = [...browserCases, ...serverCases];
