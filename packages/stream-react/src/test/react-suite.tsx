import { accessCases } from './suite/access-cases';
import { interruptCases } from './suite/interrupt-cases';
import { lifetimeCases } from './suite/lifetime-cases';
import { platformCases } from './suite/platform-cases';
import { renderingCases } from './suite/rendering-cases';
import { sharingCases } from './suite/sharing-cases';
import { toolCases } from './suite/tool-cases';
import type { SuiteCase } from './suite-case';

/** What has to hold in every supported React and in a browser. */
export const cases: SuiteCase[] = [
  ...renderingCases,
  ...accessCases,
  ...lifetimeCases,
  ...sharingCases,
  ...toolCases,
  ...interruptCases,
  ...platformCases,
];
