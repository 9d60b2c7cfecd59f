# SPDX-License-Identifier: Apache-2.0
# Completion for bash: installed as share/bash-completion/completions/dryrun, or `. cli/completion.bash`.
# It asks the program itself, so it knows what the program knows.
_dryrun() {
    local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]} word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local at words='' help
    COMPREPLY=()
    for ((at = 2; at < COMP_CWORD; at++)); do
        if [ "${COMP_WORDS[at]}" = -- ]; then # behind it stands a command of its own
            if declare -F _command_offset >/dev/null; then
                _command_offset $((at + 1))
            else
                mapfile -t COMPREPLY < <(compgen -c -f -- "$word")
            fi
            return
        fi
    done
    if [ "$COMP_CWORD" -eq 1 ] || { [ "$command" = help ] && [ "$COMP_CWORD" -eq 2 ]; }; then
        words=$("$program" help 2>/dev/null | sed -n '/^Commands:$/,/^$/s/^  \([a-z]*\) .*/\1/p')
    else
        case $before in
        --contracts | --fixtures) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
        --clock) words='real scaled: virtual' ;;
        --*)
            help=$("$program" "$command" --help 2>/dev/null | grep -E -e "^ +(-[a-z], )?$before [A-Z]")
            case $help in
            *FILE*) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
            ?*) return ;; # a value that only the user knows
            esac
            ;;
        esac
        case $word in
        -*) words=$("$program" "$command" --help 2>/dev/null | grep -oE -e '(^|[ ,])--[a-z][a-z0-9-]*' | tr -d ' ,' | sort -u) ;;
        *) [ -n "$words" ] || words=$("$program" list providers 2>/dev/null | sed 's/[: ].*//') ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
}
complete -F _dryrun -o bashdefault dryrun
