#!/bin/bash
# usage: sogo-bootstrap.sh FOLDER plist|script DOMAIN PORT
#
# Puts together SOGo's property list as mailcow's bootstrap-sogo.sh does (facts/auth.md sections 1, 2 and 5), in a
# namespace of its own where /etc/sogo is FOLDER/etc, and becomes sogod.
set -eu
folder=$1 reads=$2 domain=$3 port=$4
home=$(getent passwd sogo | cut -d: -f6)
mkdir -p "$home"
mount --bind "$folder/etc" /etc/sogo
mount --bind "$folder/home" "$home"
plist=$home/GNUstep/Defaults/sogod.plist
mkdir -p "${plist%/*}"
db="mysql://sogo:sogo@${folder//\//%2F}%2Fmysql.sock/sogo"
cat >"$plist" <<EOF
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//GNUstep//DTD plist 0.9//EN" "http://www.gnustep.org/plist-0_9.xml">
<plist version="0.9">
<dict>
    <key>OCSFolderInfoURL</key>
    <string>$db/sogo_folder_info</string>
    <key>OCSSessionsFolderURL</key>
    <string>$db/sogo_sessions_folder</string>
    <key>OCSEMailAlarmsFolderURL</key>
    <string>$db/sogo_alarms_folder</string>
    <key>SOGoProfileURL</key>
    <string>$db/sogo_user_profile</string>
    <key>SOGoMemcachedHost</key>
    <string>$folder/memcached.sock</string>
    <key>domains</key>
    <dict>
        <key>$domain</key>
        <dict>
            <key>SOGoMailDomain</key>
            <string>$domain</string>
            <key>SOGoUserSources</key>
            <array>
                <dict>
                    <key>type</key>
                    <string>sql</string>
                    <key>id</key>
                    <string>$domain</string>
                    <key>canAuthenticate</key>
                    <string>YES</string>
                    <key>isAddressBook</key>
                    <string>NO</string>
                    <key>DomainFieldName</key>
                    <string>domain</string>
                    <key>userPasswordAlgorithm</key>
                    <string>SSHA256</string>
                    <key>viewURL</key>
                    <string>$db/_sogo_static_view</string>
                </dict>
EOF
if [ "$reads" = plist ]; then
  line=$domain envsubst </etc/sogo/plist_ldap >>"$plist"
else
  /etc/sogo/plist_ldap.sh "$domain" NO >>"$plist"
fi
cat >>"$plist" <<EOF
            </array>
        </dict>
    </dict>
</dict>
</plist>
EOF
chown -R sogo:sogo "$home"
chmod 600 "$plist"
export HOME=$home LOGNAME=sogo USER=sogo
exec setpriv --reuid sogo --regid sogo --clear-groups /usr/sbin/sogod -WOWorkersCount 1 -WONoDetach YES \
  -WOPort "127.0.0.1:$port" -WOLogFile "$home/sogo.log" -WOPidFile "$home/sogo.pid"
