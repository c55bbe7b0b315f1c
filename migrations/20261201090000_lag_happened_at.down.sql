drop index lag_happened_at;
