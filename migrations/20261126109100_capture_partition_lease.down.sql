drop table partition_lease;
drop sequence partition_lease_epoch;
