"""What pages and API share: access, forms, problems, paging, idempotency, exports."""
