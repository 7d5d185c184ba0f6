#!/bin/sh
# Given to the browser driver as the path of Firefox: the browser runs in the namespace $NETNS, its driver outside.
exec ip netns exec "$NETNS" /usr/bin/firefox-esr "$@"
