#!/bin/sh
# Session Keepalive in the menu bar of macOS, by SwiftBar or xbar. Save this as keepalive.30s.sh in the plugin folder,
# and make it executable with chmod +x. It runs every 30 seconds.
#
# <xbar.title>Session Keepalive</xbar.title>
# <xbar.version>v1.0</xbar.version>
# <xbar.desc>Shows whether you are still signed in to your AI coding tools.</xbar.desc>
# <xbar.dependencies>node</xbar.dependencies>
# <swiftbar.hideRunInTerminal>true</swiftbar.hideRunInTerminal>
exec keepalive prompt --format xbar
