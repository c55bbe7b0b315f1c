drop table partition_bucket;
