import TestSupport
import Testing

/// A port that another program has.
@Suite("A program whose port is taken", .needsPrograms, .migratedDatabase, .timeLimit(.minutes(1)))
struct PortTests {
    @Test("names the address and the switch and ends with 1", arguments: ["--listen", "--admin-listen"])
    func taken(_ setting: String) async throws {
        let database = try TestDatabase.required()
        try await withService(on: database) { service in
            let address = setting == "--listen" ? service.address : service.admin
            var arguments = ["--database", database.conninfo.text]
            for name in ["--listen", "--admin-listen"] {
                arguments += [name, name == setting ? address : "127.0.0.1:0"]
            }
            let outcome = try await run("amenityd", arguments)
            #expect(outcome.ending == .exit(1))
            let words = outcome.errors.filter { !$0.hasPrefix("{") }
            #expect(words.count == 1, "\(outcome.errors)")
            #expect(words.first?.hasPrefix("amenityd: \(address) is in use") == true)
            #expect(words.first?.contains(setting) == true)
            // The one that was there first has not noticed.
            #expect(try await service.answers("system.ping"))
        }
    }

    @Test("is a worker too, when its admin port is taken")
    func worker() async throws {
        let database = try TestDatabase.required()
        try await withService(on: database) { service in
            let arguments = ["--database", database.conninfo.text, "--admin-listen", service.admin]
            let outcome = try await run("amenity-upkeep", arguments)
            #expect(outcome.ending == .exit(1))
            #expect(outcome.errors.last?.hasPrefix("amenity-upkeep: \(service.admin) is in use") == true)
            // It took no part in the queue, or signed off.
            let observer = try await database.observer()
            defer { observer.close() }
            #expect(try await observer.value("select count(*) from queue.worker") == "0")
        }
    }
}
