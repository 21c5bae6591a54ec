# Completion of cluset for fish: that of clush knows it, too.
source (status dirname)/clush.fish
