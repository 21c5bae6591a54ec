# Completion of clush, clubak, nodeset and cluset for bash: they are asked themselves.
# One candidate a line; those that are complete have a blank behind them.

_clush_completion() {
    local tool=${1/#\~\//$HOME/} answer what where candidate
    COMPREPLY=()
    answer=$("$tool" --shell-completion bash "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null) || return
    {
        read -r what where
        case $what in
            words)
                while IFS= read -r candidate; do
                    COMPREPLY+=("$candidate")
                done
                ;;
            files) compopt +o nospace -o default ;;
            directories) compopt +o nospace -o dirnames ;;
            command) _clush_command "$where" "$2" ;;
        esac
    } <<<"$answer"
}

# The command for the nodes begins at the character $1 of the line; $2 is being completed.
_clush_command() {
    local first=0 at=0 rest blanks
    compopt +o nospace
    for ((first = 0; first < COMP_CWORD; first++)); do
        rest=${COMP_LINE:at}
        blanks=${rest%%[![:space:]]*}
        ((at += ${#blanks}))
        ((at >= $1)) && break
        ((at += ${#COMP_WORDS[first]}))
    done
    if declare -F _comp_command_offset >/dev/null; then
        _comp_command_offset "$first"
    elif declare -F _command_offset >/dev/null; then
        _command_offset "$first"
    elif ((first == COMP_CWORD)); then
        while IFS= read -r rest; do
            COMPREPLY+=("$rest")
        done < <(compgen -c -- "$2")
    else
        compopt -o default
    fi
}

complete -o nospace -F _clush_completion clush clubak nodeset cluset
