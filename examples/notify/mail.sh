#!/bin/sh
# Mails Trailwatch's events. Needs a sendmail: that of the system, or msmtp.
#
#     [[notify]]
#     name = "mail"
#     on = ["failed", "unread", "refused"]
#     command = ["/path/to/mail.sh", "oncall@example.com"]
#     debounce = "1m"
#
# SENDMAIL is the program, where it is not sendmail: "msmtp", "/usr/sbin/sendmail".
set -eu

{
    printf 'To: %s\n' "$1"
    printf 'Subject: Trailwatch: %s (%s)\n' "$TRAILWATCH_EVENT" "$TRAILWATCH_COUNT"
    printf 'MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n'
    printf '%s\n\n' "$TRAILWATCH_TEXT"
    printf 'All that happened, an event a line:\n\n'
    # Mail breaks lines that are too long.
    fold -w 900
} | "${SENDMAIL:-sendmail}" -t
