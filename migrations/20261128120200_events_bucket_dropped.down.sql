drop table bucket_dropped;
