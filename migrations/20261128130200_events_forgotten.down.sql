drop table forgotten;
