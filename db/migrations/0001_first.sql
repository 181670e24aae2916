-- first
select 1;
