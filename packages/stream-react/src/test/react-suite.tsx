import { accessCases } from './suite/access-cases';
import { lifetimeCases } from './suite/lifetime-cases';
import { renderingCases } from './suite/rendering-cases';
import { serverCases } from './suite/server-cases';
import { toolCases } from './suite/tool-cases';

export interface SuiteCase {
  readonly name: string;
  run(): Promise<void>;
}

/** What has to hold in every supported React. Bundled with each of them and run by `react-versions.test.ts`. */
export const cases: SuiteCase[] = [
  ...renderingCases,
  ...accessCases,
  ...lifetimeCases,
  ...serverCases,
  ...toolCases,
];
