drop table person_grant;
drop table person_role;
drop table person;
