drop table partition_hour;
drop table partition_minute;
