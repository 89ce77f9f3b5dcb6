# Interactive bash shells.
[ -z "$PS1" ] && return
HISTSIZE=1000
HISTCONTROL=ignoredups
PS1='\u@\h:\w\$ '
alias ls='ls --color=auto' ll='ls -l' la='ls -A' grep='grep --color=auto'
