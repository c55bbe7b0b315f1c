alter table partition_cursor drop column from_end;
