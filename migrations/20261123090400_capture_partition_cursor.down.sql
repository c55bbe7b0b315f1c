drop table partition_cursor;
