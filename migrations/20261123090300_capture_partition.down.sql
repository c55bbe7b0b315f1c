drop table partition;
