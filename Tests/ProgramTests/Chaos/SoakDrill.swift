import Commands
import Foundation
import TestSupport
import Testing

/// The service and its workers under load for long: nothing may grow.
@Suite("A service in use for long", .needsPrograms, .seededDatabase, .drillLimit)
struct SoakDrill {
    /// What a process takes at a moment.
    private struct Sample {
        let seconds: Double
        let mebibytes: Double
        let files: Int

        init(of program: RunningProgram, since start: ContinuousClock.Instant) throws {
            seconds = start.duration(to: .now) / .seconds(1)
            let folder = "/proc/\(program.processID)"
            let pages = try String(contentsOfFile: folder + "/statm", encoding: .utf8).split(separator: " ")
            mebibytes = (pages.count > 1 ? Double(pages[1]) ?? 0 : 0) * 4096 / 1_048_576
            files = try FileManager.default.contentsOfDirectory(atPath: folder + "/fd").count
        }
    }

    @Test("takes no more memory and no more files as time goes by, and answers all the same")
    func soak() async throws {
        let drill = Drill("S32")
        let database = try TestDatabase.required()
        try await withService(on: database) { service in
            try await withWorker("amenity-requests", on: database) { worker in
                let load = Load(address: service.address)
                async let running: Void = load.run(clients: 4)
                let start = ContinuousClock.now
                let end = start + .seconds(Drill.size(3, long: 1800))
                var samples: [[Sample]] = []
                repeat {
                    // Connections come and go beside those that stay.
                    #expect(try await service.answers("amenities.suggest", ["prefix": "hosp"]))
                    try await load.wait(forMore: 50) { $0.results }
                    samples.append(try [service.program, worker].map { try Sample(of: $0, since: start) })
                } while ContinuousClock.now < end
                load.stop()
                try await running
                #expect(load.unexpected == [])
                let late = samples.dropFirst(samples.count / 3)
                for index in 0..<2 {
                    let files = late.map { $0[index].files }
                    #expect((files.max() ?? 0) - (files.min() ?? 0) < 16, "open files: \(files.suffix(20))")
                }
                let growth = (0..<2).map { index in Self.growth(late.map { $0[index] }) }
                // A short run shows how caches fill, not what is lost.
                if Drill.isLong { for growth in growth { #expect(growth < 1, "grows by \(growth) MiB in 10 minutes") } }
                let words = growth.map { "\(($0 * 100).rounded() / 100)" }.joined(separator: " and ")
                drill.report(["calls": load.summary, "MiB grown in 10 min by service and worker": words])
            }
        }
    }

    /// MiB in ten minutes, by least squares.
    private static func growth(_ samples: [Sample]) -> Double {
        let count = Double(samples.count)
        let time = samples.reduce(0) { $0 + $1.seconds } / count
        let size = samples.reduce(0) { $0 + $1.mebibytes } / count
        let spread = samples.reduce(0) { $0 + ($1.seconds - time) * ($1.seconds - time) }
        guard spread > 0 else { return 0 }
        return samples.reduce(0) { $0 + ($1.seconds - time) * ($1.mebibytes - size) } / spread * 600
    }
}
