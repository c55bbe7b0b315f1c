drop table search_link;
