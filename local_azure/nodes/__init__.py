"""What a VM does: its file tree, SSH server, guest agent, KeyVault extension, start task."""
