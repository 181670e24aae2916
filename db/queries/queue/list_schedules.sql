-- list_schedules :one
-- The schedule's entries as a JSON array, each with its next due time and with the job that its last one made.
select coalesce(json_agg(
    json_build_object(
        'name', name, 'cron', cron, 'zone', zone, 'kind', kind, 'payload', payload, 'park', park, 'priority', priority,
        'backfill', backfill, 'paused', paused_at is not null, 'paused_at', paused_at,
        'next_due_at', case when paused_at is null then next_due_at end, 'trouble', trouble, 'last_due_at', last_due_at,
        'last_job', job, 'last_job_state', (select state from queue.job where id = firing.job)
    ) order by name
), '[]'::json) as schedules
from queue.schedule
left join queue.schedule_firing as firing on firing.schedule = name and firing.due_at = last_due_at
