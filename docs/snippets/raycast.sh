#!/bin/sh
# Session Keepalive in Raycast. Save this in a folder for script commands, and make it executable with chmod +x.
#
# @raycast.schemaVersion 1
# @raycast.title Session Keepalive
# @raycast.mode inline
# @raycast.refreshTime 1m
# @raycast.packageName Session Keepalive
# @raycast.description Shows whether you are still signed in to your AI coding tools.
exec keepalive prompt --format ansi
