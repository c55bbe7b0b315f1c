drop table content_fill_partition;
drop table content_fill;
