/** With these, codex would use another credential than the session's. */
export const OTHER_CREDENTIALS = { OPENAI_API_KEY: undefined, CODEX_API_KEY: undefined, CODEX_ACCESS_TOKEN: undefined };

const PROMPT = 'Reply with the word ok.';

/** What codex adds to a prompt, starts, or does again. It ignores names that it does not know. */
const FEATURES = [
  'apps',
  'auth_elicitation',
  'browser_use',
  // Without its host, a model that calls a tool gets an error.
  'code_mode_host',
  'computer_use',
  // Compressed, what is sent could not be checked on its way.
  'enable_request_compression',
  'goals',
  'guardian_approval',
  'hooks',
  'image_generation',
  'in_app_browser',
  'memories',
  'multi_agent',
  'plugins',
  'remote_plugin',
  'shell_snapshot',
  'shell_tool',
  'skill_mcp_dependency_install',
  'sleep_tool',
  'tool_call_mcp_elicitation',
  'tool_suggest',
  'unbounded_connection_retries',
  'unified_exec',
  'view_image',
  'workspace_dependencies',
];

const QUIET = [
  `features={${FEATURES.map(name => `${name}=false`).join(',')}}`,
  'analytics.enabled=false',
  'check_for_update_on_startup=false',
];

/**
 * Codex accepts no number of retries for the provider that is built in. This one is the same (the name stands for its
 * address and its headers) without retries and without a connection that is tried before.
 */
const PROVIDER =
  '{name="OpenAI",requires_openai_auth=true,wire_api="responses",supports_websockets=false,' +
  'request_max_retries=0,stream_max_retries=0}';

const ALONE = [
  'model_provider="warmup"',
  `model_providers.warmup=${PROVIDER}`,
  'model_reasoning_effort="low"',
  'web_search="disabled"',
  'agents.enabled=false',
  'skills.include_instructions=false',
  'skills.bundled.enabled=false',
  'project_doc_max_bytes=0',
  'include_apps_instructions=false',
  'include_collaboration_mode_instructions=false',
  'include_environment_context=false',
  'include_permissions_instructions=false',
  'history.persistence="none"',
  'notify=[]',
];

const settings = (values: readonly string[]): readonly string[] => values.flatMap(value => ['-c', value]);

/** Codex's own server, which answers questions about the account. */
export const SERVER_ARGS = ['app-server', ...settings(QUIET)];

export type Prompt = {
  readonly model: string | undefined;
  /** Where codex keeps its login. It stands in the configuration of the user, which is otherwise not used. */
  readonly store?: string | undefined;
};

/** One prompt without a session, tools, MCP servers, hooks or any configuration of the user. */
export const promptArgs = ({ model, store }: Prompt): readonly string[] => [
  'exec',
  '--ignore-user-config',
  '--ignore-rules',
  '--ephemeral',
  '--skip-git-repo-check',
  '--sandbox=read-only',
  '--color=never',
  '--json',
  ...settings([...QUIET, ...ALONE, ...(store ? [`cli_auth_credentials_store=${JSON.stringify(store)}`] : [])]),
  ...(model ? [`--model=${model}`] : []),
  PROMPT,
];
