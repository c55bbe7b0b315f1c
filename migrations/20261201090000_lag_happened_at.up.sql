-- What is older than 90 days is deleted by its time: rows come in its order.
set local lock_timeout = '5s';
create index lag_happened_at on lag_happened using brin (at);
