export {
  converse,
  fakeContext,
  type ExecCall,
  type FakeContext,
  type FakeOverrides,
  type FetchCall,
  type LogLine,
} from './testing/context.ts';
export { testProvider, type TestCheck, type TestReport, type TestScenario } from './testing/contract.ts';
export { fakeFiles, type FakeFiles } from './testing/files.ts';
