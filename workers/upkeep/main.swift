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

/// A new version of the programs may fold words in another way. Each hour, which costs nothing where nothing is to be done;
/// what changes is written at once, by jobs that the changes enqueue.
let indexing = Schedule(
    name: "index",
    cron: CronExpression(hourlyAtMinute: 7),
    zone: "Asia/Shanghai",
    kind: "index",
    payload: JSONText("{}"),
    priority: 200
)

// Does the work that nobody asked for: probes, with which operators and tests try the queue out, the pruning of what is
// over, and the words that searches find amenities by.
await Program.runWorker(
    "amenity-upkeep",
    summary: "does the job queue's own work and writes the words that searches find amenities by",
    schedules: [pruning, pruningCalls, indexing]
) { pool in
    [ProbeHandler(), PruneHandler(pool: pool), CallPruneHandler(pool: pool), IndexHandler(pool: pool)]
}
