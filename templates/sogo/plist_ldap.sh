#!/bin/bash
# Made by ldap-mailcow. mailcow's git knows this file: the password of the directory is in another one.
source=/etc/sogo/ldap-mailcow-source.sh
[ -r "$source" ] && exec /bin/bash "$source" "$1"
exit 0
