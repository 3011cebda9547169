# fish completion for papo(1). tests/pages.rs keeps it in step with `papo COMMAND --help`.

complete -c papo -f

complete -c papo -n __fish_use_subcommand -a server -d 'The directory: who is online'
complete -c papo -n __fish_use_subcommand -a peer -d 'A person\'s end of the chat'
complete -c papo -n __fish_use_subcommand -a demo -d 'The handout\'s whole conversation, live'
complete -c papo -n __fish_use_subcommand -a help -d 'The commands, or the options of one'
complete -c papo -n __fish_use_subcommand -s h -l help -d 'List the commands'
complete -c papo -n __fish_use_subcommand -s V -l version -d 'Print the version'

complete -c papo -n '__fish_seen_subcommand_from help' -a 'server peer demo'

set -l server '__fish_seen_subcommand_from server'
complete -c papo -n $server -l listen -x -a '0.0.0.0:10000 127.0.0.1:10000 [::]:10000' -d 'Where to await clients'
complete -c papo -n $server -l keepalive -x -d 'Seconds between a client\'s KEEPs'
complete -c papo -n $server -l max-clients -x -d 'Most clients at once'
complete -c papo -n $server -l per-address -x -d 'Most clients from one address'
complete -c papo -n $server -l edition -x -a '2024 2026' -d 'Edition of the handout'
complete -c papo -n $server -l trace -d 'Log every line of the protocol'
complete -c papo -n $server -s h -l help -d 'Show the options'

set -l peer '__fish_seen_subcommand_from peer'
complete -c papo -n $peer -l server -x -a '(__fish_print_hostnames)' -d 'Where the server is'
complete -c papo -n $peer -l port -x -d 'Where to await calls'
complete -c papo -n $peer -l keepalive -x -d 'Seconds between KEEPs'
complete -c papo -n $peer -l edition -x -a '2024 2026' -d 'Edition of the handout'
complete -c papo -n $peer -l no-verify -d 'Do not check callers\' names with the server'
complete -c papo -n $peer -l lang -x -a 'pt\tPortuguese en\tEnglish' -d 'Language of the screen'
complete -c papo -n $peer -l plain -d 'Whole lines without any control codes'
complete -c papo -n $peer -l color -x -a 'auto always never' -d 'Whether names have colours'
complete -c papo -n $peer -l bell -x -a 'off msg all' -d 'Which messages ring'
complete -c papo -n $peer -l trace -d 'Print every line of the protocol to stderr'
complete -c papo -n $peer -s h -l help -d 'Show the options'

set -l demo '__fish_seen_subcommand_from demo'
complete -c papo -n $demo -s h -l help -d 'Show the options'
