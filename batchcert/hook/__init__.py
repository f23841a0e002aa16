"""What runs on a node when a certificate's file has a new version: a systemd path unit and a command."""
