#!/bin/sh
# usage: leash.sh FOLDER PROGRAM [ARGUMENT…]
#
# Runs PROGRAM until it ends or our standard input does. That is a pipe from the process that started us, so it
# ends with that process, whatever ended it: SIGKILL too. In that case PROGRAM is ended, by force after five
# seconds, and FOLDER is removed.
folder=$1
shift
# The shell gives background commands no standard input, so the pipe is passed on by another number.
exec 3<&0
"$@" </dev/null 3<&- &
program=$!
{
  read -r _
  : >"$folder/.ending"
  kill "$program"
  for _ in 1 2 3 4 5; do sleep 1 && kill -0 "$program" || exit 0; done
  kill -9 "$program"
} <&3 >/dev/null 2>&1 &
watcher=$!
# Whoever started us may be gone when the shell says that PROGRAM was ended; only now, as PROGRAM would inherit it.
trap '' PIPE
wait "$program"
code=$?
kill "$watcher" 2>/dev/null
if [ -e "$folder/.ending" ]; then rm -rf "$folder"; fi
exit "$code"
