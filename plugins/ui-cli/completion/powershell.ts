import { valuedFlags, type CompletedCommand, type Completions, type Flag, type Operands } from './words.ts';

/** Finds the command and what may follow, from the words before the cursor. */
const CHOOSING = `  $before = @($commandAst.CommandElements | Select-Object -Skip 1 |
    Where-Object { $_.Extent.StartOffset -lt $cursorPosition } | ForEach-Object { $_.Extent.Text })
  if ($wordToComplete -ne '' -and $before.Count -gt 0) { $before = @($before | Select-Object -SkipLast 1) }
  $words = @(); $isEnded = $false; $flag = ''
  foreach ($word in $before) {
    if ($flag -ne '') { $flag = '' }
    elseif ($isEnded) { $words += $word }
    elseif ($valued -ccontains $word) { $flag = $word }
    elseif ($word -ceq '--') { $isEnded = $true }
    elseif ($word -notlike '-*') { $words += $word }
  }
  $name = ''; $length = 1
  if ($words.Count -gt 0) { $name = [string]$words[0] }
  if ($families.ContainsKey($name) -and $words.Count -gt 1) { $name = "$name $($words[1])"; $length = 2 }
  $command = $commands[$name]
  if ($flag -ne '') { $choices = if ($command) { $command.Values[$flag] } }
  elseif ($wordToComplete -like '-*' -and -not $isEnded) { $choices = $flags + $command.Flags }
  elseif ($words.Count -eq 0) { $choices = $first }
  elseif ($families.ContainsKey($name)) { $choices = $families[$name] }
  elseif ($command -and $words.Count -eq $length) { $choices = $command.First }
  elseif ($command) { $choices = $command.Further }
  else { $choices = @() }
`;

/** Offers the choices that begin with what is typed. Without any, PowerShell offers files. */
const OFFERING = `  if ($choices -ccontains '<ids>') {
    $choices = "$(keepalive prompt --format '{ids}' 2>$null)" -split ' '
  }
  if ($choices -ccontains '<programs>') {
    $choices = Get-Command "$wordToComplete*" -CommandType Application | Select-Object -ExpandProperty Name -Unique
  }
  $choices | Where-Object { $_ -and $_.StartsWith($wordToComplete, 'Ordinal') } |
    # A value is offered once its key is typed.
    Where-Object { $_ -notlike '*=?*' -or $wordToComplete -like '*=*' } |
    ForEach-Object {
      $about = if ($flag -eq '' -and $words.Count -lt 2) { $abouts["$name $_".Trim()] }
      if (-not $about) { $about = $_ }
      [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $about)
    }
}
`;

/** A completion script for PowerShell, from version 5.1. */
export function powershellScript(completions: Completions): string {
  const { globalFlags, commands, firstWords } = completions;
  const families = firstWords.filter(word => commands.some(({ path }) => path.length > 1 && path[0] === word));
  return `# Completion of keepalive: keepalive completion powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName keepalive -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $first = ${list(firstWords)}
  $flags = ${list(namesOf(globalFlags))}
  $valued = ${list(valuedFlags(completions))}
  $families = @{
${families.map(family => `    ${quote(family)} = ${list(members(family, commands))}`).join('\n')}
  }
  $abouts = @{
${commands.map(({ path, about }) => `    ${quote(path.join(' '))} = ${quote(about)}`).join('\n')}
  }
  $commands = @{
${commands.map(entry).join('\n')}
  }
${CHOOSING}${OFFERING}`;
}

const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const list = (words: readonly string[]): string => `@(${words.map(quote).join(', ')})`;
const namesOf = (flags: readonly Flag[]): readonly string[] => flags.flatMap(flag => flag.names);

const members = (family: string, commands: readonly CompletedCommand[]): readonly string[] =>
  commands.flatMap(({ path: [first, second] }) => (first === family && second ? [second] : []));

function entry({ path, flags, first, further }: CompletedCommand): string {
  const values = flags.flatMap(({ names, values }) =>
    values.length > 0 ? names.map(name => `${quote(name)} = ${list(values)}`) : [],
  );
  const members = [
    `Flags = ${list(namesOf(flags))}`,
    `First = ${list(offered(first))}`,
    `Further = ${list(offered(further))}`,
    `Values = @{ ${values.join('; ')} }`,
  ];
  return `    ${quote(path.join(' '))} = @{ ${members.join('; ')} }`;
}

function offered(operands: Operands): readonly string[] {
  switch (operands.kind) {
    case 'ids':
      return ['<ids>'];
    case 'programs':
      return ['<programs>'];
    case 'words':
      return operands.words;
    case 'assignments':
      return [...operands.words, ...operands.values];
    // PowerShell offers files by itself.
    case 'files':
    case 'none':
      return [];
  }
}
