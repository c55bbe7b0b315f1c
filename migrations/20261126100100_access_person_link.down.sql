drop table person_link;
