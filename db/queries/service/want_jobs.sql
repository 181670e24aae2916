-- want_jobs :exec
-- Has the ends of jobs written down for a day, since somebody wants to know of them.
select service.want_jobs()
