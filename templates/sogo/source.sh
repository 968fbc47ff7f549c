#!/bin/bash
# Made by ldap-mailcow: changes here are lost. Run by plist_ldap.sh for each domain of mailcow; prints a source for SOGo.
export LC_ALL=C
case "$1" in
'' | *[!A-Za-z0-9._-]*) exit 0 ;;
esac
sed 's/${line}/'"$1"'/g' @@heredoc@@
