#!/bin/sh
# Tells a Slack channel of Trailwatch's events, through an incoming webhook. Needs curl and jq.
#
#     [[notify]]
#     name = "slack"
#     command = ["/path/to/slack.sh"]
#     debounce = "10s"
#
# SLACK_WEBHOOK is the webhook's address.
set -eu

# Three characters mean something to Slack; one event a line comes in.
message=$(jq -cs '{text: map("Trailwatch: " + (.text | gsub("&"; "&amp;") | gsub("<"; "&lt;") | gsub(">"; "&gt;"))) | join("\n")}')
# The address is a secret: on standard input it is in no list of processes.
printf 'url = "%s"\n' "$SLACK_WEBHOOK" |
    curl --fail --silent --show-error --max-time 20 -H 'Content-Type: application/json' --data "$message" --config -
