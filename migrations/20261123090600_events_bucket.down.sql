drop table bucket;
