"""What Batch offers: regions, virtual machine sizes, images."""
