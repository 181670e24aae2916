import Intake
import Service

// Answers what people ask for.
await Program.runWorker("amenity-requests", summary: "answers requests from the job queue") { pool in
    [RequestHandler(pool: pool)]
}
