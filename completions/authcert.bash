# Completion of authcert for bash. Commands and options are asked of the program, so they are always its own; thumbprints
# and servers are those that it keeps or has seen.

# What the state folder of this configuration names: thumbprints (of kept keys, then of the slots) or servers.
_authcert_known() {
    local what=$1 folder
    shift
    folder=$(authcert "$@" config show 2>/dev/null | sed -n '/^\[state\]$/,$s/^directory = \(.*\)  # .*/\1/p')
    [[ -n $folder ]] || return
    if [[ $what == servers ]]; then
        sed -nE 's/.*"fqdn": "([^"\\]+)".*/\1/p' "$folder/last.json" 2>/dev/null
    else
        find "$folder/keys" 2>/dev/null | sed -nE 's|.*/([0-9A-F]{40})\.[kc][a-z]+$|\1|p'
        [[ $what == kept && -r $folder/keys ]] ||
            sed -nE 's/.*"thumbprint": "([0-9A-F]{40})".*/\1/p' "$folder/last.json" 2>/dev/null
    fi | sort -u
}

_authcert() {
    local cur prev words cword command= word i at=0 confirms=
    local -a configuration=()
    _init_completion -n = || return

    for ((i = 1; i < cword; i++)); do
        word=${words[i]}
        case $word in
        -c | --config)
            configuration=(-c "${words[i + 1]}")
            ((i++))
            ;;
        --format) ((i++)) ;;
        --confirm) confirms=1 ;;
        -*) ;;
        *)
            if [[ -z $command ]]; then command=$word; else ((at++)); fi
            ;;
        esac
    done
    case $prev in
    -c | --config | --password-file | --new)
        _filedir
        return
        ;;
    --format)
        mapfile -t COMPREPLY < <(compgen -W 'text json nagios prometheus' -- "$cur")
        return
        ;;
    --effective)
        mapfile -t COMPREPLY < <(compgen -W 'now +30d' -- "$cur")
        return
        ;;
    --since)
        mapfile -t COMPREPLY < <(compgen -W '7d 30d 365d' -- "$cur")
        return
        ;;
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(authcert $command --help 2>/dev/null |
            sed -nE 's/^ +(-[a-z], )?(--[a-z-]+).*/\2/p')" -- "$cur")
        return
    fi
    case $command:$at:$confirms in
    :* | help:0:*)
        mapfile -t COMPREPLY < <(compgen -W "$(authcert --help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p')" -- "$cur")
        ;;
    entra:*) mapfile -t COMPREPLY < <(compgen -W 'status enroll confirm' -- "$cur") ;;
    config:*) mapfile -t COMPREPLY < <(compgen -W 'check show' -- "$cur") ;;
    export:0:) mapfile -t COMPREPLY < <(compgen -W "$(_authcert_known kept "${configuration[@]}")" -- "${cur^^}") ;;
    deliver:0:1) mapfile -t COMPREPLY < <(compgen -W "$(_authcert_known all "${configuration[@]}")" -- "${cur^^}") ;;
    deliver:*:1) mapfile -t COMPREPLY < <(compgen -W "$(_authcert_known servers "${configuration[@]}")" -- "$cur") ;;
    import:* | export:* | report:*) _filedir ;;
    esac
}
complete -F _authcert authcert
