drop table partition_type;
drop table event_type;
