"""What final customers pay: sale tables of service points, their editions and rows."""
