export {
  converse,
  fakeContext,
  type ExecCall,
  type FakeContext,
  type FakeOverrides,
  type FetchCall,
  type LogLine,
} from './context.ts';
export {
  testPlugin,
  testProvider,
  type PluginReport,
  type TestCheck,
  type TestReport,
  type TestScenario,
} from './contract.ts';
export { fakeFiles, type FakeFiles } from './files.ts';
