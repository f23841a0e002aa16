"""The service manager of a node: services and path units from unit files, told what to do by `systemctl`.

It is systemd as far as services on a node of Batch need it, and in systemd's words (version 252). Source: the manual
pages systemd.unit(5), systemd.service(5), systemd.path(5), systemctl(1), and systemd's own code for what these leave
open.
"""
