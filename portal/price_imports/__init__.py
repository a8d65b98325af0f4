"""Lists of prices out of files: read, mapped, checked row by row, stored whole or not at all."""
