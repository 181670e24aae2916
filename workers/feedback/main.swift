import Intake
import Service

// Files what people say of amenities.
await Program.runWorker("amenity-feedback", summary: "handles feedback from the job queue") { pool in
    [FeedbackHandler(pool: pool)]
}
