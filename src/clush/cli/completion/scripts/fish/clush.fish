# Completion of clush, clubak, nodeset and cluset for fish: they are asked themselves.
# One candidate a line, with a tab before its description.

function __clush_completion
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    set -l tool (string replace -r '^~/' "$HOME/" -- $words[1])
    set -l answer (command $tool --shell-completion fish $words[2..-1] "$typed" 2>/dev/null)
    or return
    set -l what (string split ' ' -- $answer[1])
    switch $what[1]
        case words
            string join \n -- $answer[2..-1]
        case files directories
            set -l lead (string match -r -- '^--[^=]*=' $typed)
            set -l path (string replace -r -- '^--[^=]*=' '' $typed)
            set -l complete __fish_complete_path
            test $what[1] = directories; and set complete __fish_complete_directories
            $complete $path | string replace -r '^' -- "$lead"
        case command
            set -e words[1..$what[2]]
            complete -C (string join ' ' -- (string escape -- $words) $typed)
    end
end

for tool in clush clubak nodeset cluset
    complete -c $tool -f -a '(__clush_completion)'
end
