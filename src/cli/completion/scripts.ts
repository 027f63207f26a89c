/** Each asks the program itself, so it never falls behind it. */
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

/** What a shell is to read, by its manual: "Programmable Completion" of bash, "compadd" of zsh, `complete` of fish. */
export const completionScripts: Readonly<Record<Shell, string>> = {
  bash: `# eval "$(multiboard-sync completion bash)"
_multiboard_sync() {
  local IFS=$'\\n'
  COMPREPLY=($(multiboard-sync complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _multiboard_sync multiboard-sync
`,
  zsh: `#compdef multiboard-sync
# eval "$(multiboard-sync completion zsh)"
_multiboard_sync() {
  local -a found
  found=("\${(@f)$(multiboard-sync complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  compadd -a found
}
compdef _multiboard_sync multiboard-sync
`,
  fish: `# multiboard-sync completion fish | source
complete -c multiboard-sync -f -a '(multiboard-sync complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};
