import { describeConformance } from './conformance.suite.fixture';

describeConformance();
