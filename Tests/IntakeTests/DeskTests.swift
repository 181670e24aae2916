import Catalog
import Foundation
import Intake
import JobQueue
import Postgres
import TestSupport
import Testing

/// From a submission over its job to the answer, with a worker in this process.
@Suite("The desk", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct DeskTests {
    private static var soon: Deadline { .after(.seconds(60)) }

    private func withDesk(_ body: (Desk, ServerObserver) async throws -> Void) async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool(leased: 6) { pool in
            let worker = Worker(
                pool: pool,
                configuration: WorkerConfiguration(program: "test", host: "here", processID: 1),
                handlers: [RequestHandler(pool: pool), FeedbackHandler(pool: pool)]
            )
            async let run: Void = worker.run()
            try await body(Desk(pool: pool), observer)
            worker.stop()
            await run
        }
    }

    private struct Record: Decodable {
        struct Match: Decodable {
            let amenity: String
            let score: Double
            let reasons: [String]
        }
        struct Event: Decodable { let status: String }
        struct Understood: Decodable {
            let urgency: String
            let party: String
            let categories: [String]
            let attributes: [String]
            let park: String?
        }
        let status: String
        let timeline: [Event]
        let understood: Understood?
        let matches: [Match]?
        let nearest_alternative: Match?
        let kind: String?
        let field: String?
        let value: String?
    }

    private func answer(to draft: RequestDraft, at desk: Desk, on observer: ServerObserver) async throws -> Record {
        let receipt = try await desk.submit(draft, until: Self.soon)
        try await observer.wait(
            for: "(select status from intake.request where id = '\(receipt.id)') not in ('received', 'understood')"
        )
        let json = try await desk.request(
            receipt.id,
            by: RecordKey(secret: receipt.secret),
            until: Self.soon
        )
        return try JSONDecoder().decode(Record.self, from: Data(json.utf8))
    }

    private func outcome(of draft: FeedbackDraft, at desk: Desk, on observer: ServerObserver) async throws -> Record {
        let receipt = try await desk.submit(draft, until: Self.soon)
        try await observer.wait(for: "(select status from intake.feedback where id = '\(receipt.id)') <> 'received'")
        let json = try await desk.feedback(
            receipt.id,
            by: RecordKey(secret: receipt.secret),
            until: Self.soon
        )
        return try JSONDecoder().decode(Record.self, from: Data(json.utf8))
    }

    @Test("answers a request with what the catalogue has near the park")
    func answered() async throws {
        try await withDesk { desk, observer in
            let draft = RequestDraft(text: "Which hospital can I go to?", park: "jx-nl", lang: "en", nationality: "NL")
            let record = try await answer(to: draft, at: desk, on: observer)
            #expect(record.status == "answered")
            #expect(record.understood?.categories == ["health.hospital"])
            #expect(record.matches?.isEmpty == false)
            #expect(record.timeline.map(\.status) == ["received", "understood", "answered"])
        }
    }

    @Test("says that a wish is unmet, and where the nearest place is that would meet it")
    func unmet() async throws {
        try await withDesk { desk, observer in
            let draft = RequestDraft(text: "日本語が話せる病院", park: "jx-jp", lang: "ja", nationality: "JP")
            let record = try await answer(to: draft, at: desk, on: observer)
            #expect(record.status == "unmet")
            #expect(record.understood?.attributes == ["a.lang.ja"])
            #expect(record.matches?.first?.score == 0.5, "the right kind of place, with the language not known")
            #expect(record.nearest_alternative?.score == 1)
        }
    }

    @Test("takes the park from the text where none is given")
    func parkInText() async throws {
        try await withDesk { desk, observer in
            let record = try await answer(
                to: RequestDraft(text: "German-speaking dentist near Jiashan", lang: "en"),
                at: desk,
                on: observer
            )
            #expect(record.understood?.park == "jx-nl")
            #expect(record.understood?.categories == ["health.dentist"])
            #expect(record.understood?.attributes == ["a.lang.de"])
        }
    }

    @Test(
        "knows an emergency by the kind of place",
        arguments: [("emergency room", "emergency"), ("hospital", "normal")]
    )
    func urgency(text: String, urgency: String) async throws {
        try await withDesk { desk, observer in
            let record = try await answer(to: RequestDraft(text: text, park: "jx-de"), at: desk, on: observer)
            #expect(record.understood?.urgency == urgency)
            #expect(record.understood?.party == "")
        }
    }

    @Test("leaves to a person what it can't understand", arguments: ["Hello?", "???", "מישהו כאן?"])
    func notUnderstood(text: String) async throws {
        try await withDesk { desk, observer in
            let record = try await answer(to: RequestDraft(text: text, park: "jx-de"), at: desk, on: observer)
            #expect(record.status == "needs_staff")
        }
    }

    @Test("puts a correction before the staff and changes nothing by itself")
    func correction() async throws {
        try await withDesk { desk, observer in
            let draft = FeedbackDraft(
                amenity: "pinghu-first-people-hospital",
                correction: Correction(field: "phone", value: "+86 573 8500 0000")
            )
            let record = try await outcome(of: draft, at: desk, on: observer)
            #expect(record.status == "in_review")
            #expect(record.field == "phone")
            #expect(record.value == "+86 573 8500 0000")
            let row = try await observer.execute(
                """
                select review.park, review.proposed_value, amenity.phone
                from intake.review join catalog.amenity on amenity.id = review.amenity
                where amenity.slug = 'pinghu-first-people-hospital'
                """
            )
            #expect(row == [["jx-jp", "+86 573 8500 0000", nil]])
        }
    }

    @Test("files ratings and comments by their kind")
    func filing() async throws {
        try await withDesk { desk, observer in
            let rating = FeedbackDraft(amenity: "jiaxing-first-hospital", stars: 4)
            #expect(try await outcome(of: rating, at: desk, on: observer).kind == "rating")
            let comment = FeedbackDraft(amenity: "jiaxing-first-hospital", text: "Helpful desk", stars: 5)
            let record = try await outcome(of: comment, at: desk, on: observer)
            #expect(record.kind == "comment")
            #expect(record.status == "published")
        }
    }

    @Test(
        "keeps nothing of a submission that is refused",
        arguments: ["", "  \n ", String(repeating: "x", count: 4001)]
    )
    func badText(text: String) async throws {
        try await withDesk { desk, observer in
            do {
                _ = try await desk.submit(RequestDraft(text: text, park: "jx-de"), until: Self.soon)
                Issue.record("a text of \(text.count) characters was taken")
            } catch IntakeError.invalid(let member, _) {
                #expect(member == "text")
            }
            for draft in [
                RequestDraft(text: "refused", park: "atlantis"),
                RequestDraft(text: "refused", categories: ["no"]),
            ] {
                await #expect(throws: IntakeError.self) { try await desk.submit(draft, until: Self.soon) }
            }
            let kept = try await observer.value(
                "select count(*) from intake.request where text = 'refused' or text like 'xxx%' or text !~ '[^[:space:]]'"
            )
            #expect(kept == "0")
        }
    }

    @Test("names what is wrong with feedback")
    func badFeedback() async throws {
        try await withDesk { desk, _ in
            let hospital = "jiaxing-first-hospital"
            for (draft, member) in [
                (FeedbackDraft(amenity: hospital), "text"),
                (FeedbackDraft(amenity: hospital, stars: 6), "stars"),
                (FeedbackDraft(amenity: hospital, stars: 0), "stars"),
                (FeedbackDraft(amenity: hospital, text: "x", nationality: "german"), "nationality"),
                (FeedbackDraft(amenity: hospital, correction: Correction(field: "id", value: "1")), "correction/field"),
                (
                    FeedbackDraft(amenity: hospital, correction: Correction(field: "phone", value: "")),
                    "correction/value"
                ),
            ] {
                do {
                    _ = try await desk.submit(draft, until: Self.soon)
                    Issue.record("\(member) was taken")
                } catch IntakeError.invalid(let refused, _) {
                    #expect(refused == member)
                }
            }
            await #expect(throws: IntakeError.self) {
                try await desk.submit(FeedbackDraft(amenity: "nowhere", stars: 3), until: Self.soon)
            }
        }
    }

    @Test("shows a request to whoever holds its secret, and does not even say to others that it exists")
    func secrets() async throws {
        try await withDesk { desk, _ in
            let receipt = try await desk.submit(RequestDraft(text: "school", park: "jx-de"), until: Self.soon)
            for secret in [nil, "", "0", receipt.secret.uppercased() + "0"] {
                await #expect(throws: IntakeError.self) {
                    try await desk.request(
                        receipt.id,
                        by: RecordKey(secret: secret),
                        until: Self.soon
                    )
                }
            }
            _ = try await desk.request(receipt.id, by: RecordKey(secret: receipt.secret), until: Self.soon)
        }
    }
}
