-- What was filled stays, as closed partitions.
drop table backfill_partition;
drop table backfill;
