drop table block;
