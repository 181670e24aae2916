import Commands
import FoundationEssentials
import TestSupport
import Testing

/// `amenity datum`, which reads its standard input, and `amenity evaluate datum`.
@Suite("Positions on the command line", .needsPrograms, .timeLimit(.minutes(1)))
struct DatumCommandTests {
    private func convert(_ input: String, _ from: String, _ to: String) async throws -> (
        ending: ChildProcess.Ending, output: [String], errors: [String]
    ) {
        let folder = try #require(RunningProgram.folder)
        let command = "printf '\(input)' | '\(folder)/amenity' datum --from \(from) --to \(to)"
        let shell = try ChildProcess("/bin/sh", ["-c", command], environment: [:])
        let ending = try await shell.ended(within: .seconds(30))
        return (ending, shell.output.lines, shell.errors.lines)
    }

    @Test("are converted line by line, with nine decimals")
    func good() async throws {
        let outcome = try await convert(#"30.746,120.75\n 52.3702 , 4.8952\r\n\n37.5665,126.978"#, "wgs84", "gcj02")
        #expect(
            outcome.output == ["30.743700427,120.754320234", "52.370200000,4.895200000", "37.567402112,126.983082736"]
        )
        #expect(outcome.ending == .exit(0))
        let same = try await convert(#"37.5665,126.978\n"#, "wgs84", "wgs84")
        #expect(same.output == ["37.566500000,126.978000000"])
    }

    @Test("that are none are reported by their line, and don't stop the others")
    func bad() async throws {
        let outcome = try await convert(
            #"30.743700427,120.754320234\n120.75,30.746\n\nnan,1\nhere\n"#,
            "gcj02",
            "wgs84"
        )
        #expect(outcome.ending == .exit(7))
        #expect(outcome.output == ["30.746000000,120.750000000"])
        #expect(outcome.errors.count == 4)
        #expect(outcome.errors.first?.hasPrefix("amenity: line 2: ") == true)
        #expect(outcome.errors.first?.hasSuffix("latitude and longitude seem swapped") == true)
        #expect(outcome.errors.dropFirst().first?.hasPrefix("amenity: line 4: not a number") == true)
        #expect(outcome.errors.last == "amenity: 3 of 4 lines were no positions and were left out.")
        #expect(try await convert("here", "bd09", "wgs84").ending == .exit(1))
    }

    @Test("in a datum that nobody knows are a mistake of usage")
    func unknownDatum() async throws {
        #expect(try await convert("1,2", "mars", "wgs84").ending == .exit(2))
    }

    @Test("are compared with a file of cases")
    func evaluation() async throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "datum-\(UUID().uuidString).csv")
        defer { try? FileManager.default.removeItem(at: file) }
        let columns = ["wgs", "gcj", "bd", "inv_wgs_from_gcj", "inv_gcj_from_bd", "inv_wgs_from_bd"]
        let right =
            "30.746,120.75,30.743700,120.754320,30.749624,120.760859,30.746,120.75,30.743701,120.754320,30.746,120.75"
        let wrong = right.replacing("30.743700,", with: "30.743720,")
        let text =
            "id,name,class," + columns.map { "\($0)_lat,\($0)_lng" }.joined(separator: ",")
            + "\n1,Jiaxing,inside,\(right)\n2,Elsewhere,inside,\(wrong)\n"
        try Data(text.utf8).write(to: file)
        let path = file.path(percentEncoded: false)
        let json = try await run("amenity", ["evaluate", "datum", path, "--json"])
        #expect(json.ending == .exit(0))
        let result = try JSONValue(parsing: (json.output.first ?? "").utf8)
        #expect(result["cases"] == .integer(2) && result["positions"] == .integer(10))
        // The slip of the second case is seen where it is expected and where it is the input.
        #expect(result["within"] == .integer(8))
        #expect(result["differences"].elements.map { $0["conversion"].string } == ["gcj", "inv_wgs_from_gcj"])
        let csv = try await run("amenity", ["evaluate", "datum", path, "--csv"])
        #expect(csv.output.count == 3)
        #expect(csv.output.first?.hasPrefix("id,gcj_lat,gcj_lng,bd_lat") == true)
        #expect(csv.output.dropFirst().first?.hasPrefix("1,30.743700427,120.754320234,30.749623846,") == true)
        #expect(try await run("amenity", ["evaluate", "datum", path + ".none"]).ending == .exit(3))
    }
}
