drop table change_partition, change_seen, change;
