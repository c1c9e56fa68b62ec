# Completion of authcert for fish. Commands and options are asked of the program, so they are always its own; thumbprints
# and servers are those that it keeps or has seen.

# The words before the cursor without options and what belongs to them: the command, then its arguments.
function __authcert_words
    set -l skip 0
    for word in (commandline -opc)[2..]
        if test $skip = 1
            set skip 0
        else if contains -- $word -c --config --format --password-file --effective --since
            set skip 1
        else if not string match -q -- '-*' $word
            echo $word
        end
    end
end

function __authcert_configuration
    set -l words (commandline -opc)
    for i in (seq 2 (count $words))
        if contains -- $words[$i] -c --config; and set -q words[(math $i + 1)]
            printf '%s\n' -c $words[(math $i + 1)]
        end
    end
end

# What the state folder of this configuration names: thumbprints (of kept keys, then of the slots) or servers.
function __authcert_known --argument-names what
    set -l folder (authcert (__authcert_configuration) config show 2>/dev/null | sed -n '/^\[state\]$/,$s/^directory = \(.*\)  # .*/\1/p')
    test -n "$folder"; or return
    begin
        if test $what = servers
            sed -nE 's/.*"fqdn": "([^"\\\\]+)".*/\1/p' $folder/last.json 2>/dev/null
        else
            find $folder/keys 2>/dev/null | sed -nE 's|.*/([0-9A-F]{40})\.[kc][a-z]+$|\1|p'
            if test $what = all; or not test -r $folder/keys
                sed -nE 's/.*"thumbprint": "([0-9A-F]{40})".*/\1/p' $folder/last.json 2>/dev/null
            end
        end
    end | sort -u
end

function __authcert_options
    authcert (__authcert_words)[1] --help 2>/dev/null | sed -nE 's/^ +(-[a-z], )?(--[a-z-]+).*/\2/p'
end

function __authcert_arguments
    set -l words (__authcert_words)
    set -l confirms (contains -- --confirm (commandline -opc); and echo yes)
    switch "$words[1]:"(count $words)":$confirms"
        case ':0:*' 'help:1:*'
            authcert --help 2>/dev/null | sed -nE 's/^  ([a-z]+) .*/\1/p'
        case 'config:1:*'
            printf '%s\n' check show
        case 'export:1:'
            __authcert_known kept
        case 'deliver:1:yes'
            __authcert_known all
        case 'deliver:*:yes'
            __authcert_known servers
        case 'import:1:' 'export:2:' 'report:1:'
            __fish_complete_path (commandline -ct)
    end
end

complete -c authcert -f
complete -c authcert -n 'string match -q -- "-*" (commandline -ct)' -a '(__authcert_options)'
complete -c authcert -n 'not string match -q -- "-*" (commandline -ct)' -a '(__authcert_arguments)'
complete -c authcert -s c -l config -r -F
complete -c authcert -n 'contains -- --password-file (__authcert_options)' -l password-file -r -F
complete -c authcert -l format -x -a 'text json nagios prometheus'
complete -c authcert -n 'contains -- --effective (__authcert_options)' -l effective -x -a 'now +30d'
complete -c authcert -n 'contains -- --since (__authcert_options)' -l since -x -a '7d 30d 365d'
