"""Pix codes and keys, and how the installation is paid: pure, on what is handed in."""
