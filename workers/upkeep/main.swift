import JobQueue
import Postgres
import Service

/// Each night, by the clock of the parks, and behind everything that somebody waits for.
let pruning = Schedule(
    name: "prune",
    cron: CronExpression(dailyAtHour: 3, minute: 17),
    zone: "Asia/Shanghai",
    kind: "prune",
    payload: JSONText(#"{"older_than_days":30}"#),
    priority: 200
)

/// Likewise: what a caller may send again is kept for a day.
let pruningCalls = Schedule(
    name: "prune_calls",
    cron: CronExpression(dailyAtHour: 3, minute: 41),
    zone: "Asia/Shanghai",
    kind: CallPruneHandler.kind,
    payload: JSONText("{}"),
    priority: 200
)

// Does the queue's own work: probes, with which operators and tests try it out, and the pruning of what is over.
await Program.runWorker("amenity-upkeep", summary: "does the job queue's own work", schedules: [pruning, pruningCalls])
{ pool in
    [ProbeHandler(), PruneHandler(pool: pool), CallPruneHandler(pool: pool)]
}
