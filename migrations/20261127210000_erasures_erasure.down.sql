drop table erasure;
