import JobQueue
import Service

// Does the queue's own work: probes, with which operators and tests try it out.
await Program.runWorker("amenity-upkeep", summary: "does the job queue's own work") { _ in
    [ProbeHandler()]
}
