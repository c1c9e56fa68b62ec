# Completion of authcert for bash. Commands and options are asked of the program, so they are always its own.

_authcert() {
    local cur prev words cword command= word i
    _init_completion -n = || return

    for ((i = 1; i < cword; i++)); do
        word=${words[i]}
        case $word in
        -c | --config | --format) ((i++)) ;;
        -*) ;;
        *)
            command=$word
            break
            ;;
        esac
    done
    case $prev in
    -c | --config | --password-file)
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
    esac
    if [[ $cur == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(authcert $command --help 2>/dev/null |
            sed -nE 's/^ +(-[a-z], )?(--[a-z-]+).*/\2/p')" -- "$cur")
        return
    fi
    case $command in
    '')
        mapfile -t COMPREPLY < <(compgen -W "$(authcert --help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p')" -- "$cur")
        ;;
    entra) mapfile -t COMPREPLY < <(compgen -W 'status enroll confirm' -- "$cur") ;;
    config) mapfile -t COMPREPLY < <(compgen -W 'check show' -- "$cur") ;;
    import | export | report) _filedir ;;
    esac
}
complete -F _authcert authcert
