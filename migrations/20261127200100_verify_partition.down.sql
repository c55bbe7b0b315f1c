drop table verify_difference;
drop table partition_verified;
