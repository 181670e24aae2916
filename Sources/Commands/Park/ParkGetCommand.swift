import ArgumentParser

/// `amenity park get`
struct ParkGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show one park with what is within its reach."
    )

    @Argument(help: "The park's id, such as jx-de.")
    var park: String

    @OptionGroup var lookup: LookupOptions

    func run() async throws {
        var params = JSONObject()
        params.add("park", park)
        try await lookup.show("parks.get", params) { Self.sheet(of: $0).text }
    }

    static func sheet(of park: JSONValue) -> FactSheet {
        var sheet = FactSheet()
        sheet.add("name", park["name"]["text"].plain)
        if case .object(let names) = park["names"] {
            sheet.add("names", names.map { "\($0.value["text"].plain) (\($0.name), \($0.value["origin"].plain))" })
        }
        sheet.add("partners", park["countries"].elements.map(\.plain).joined(separator: " "))
        sheet.add("county", park["county"]["name"].plain)
        sheet.add("zone", park["zone"].plain)
        sheet.add(
            "level",
            [park["level"].plain, park["year"].plain].filter { !$0.isEmpty }.joined(separator: ", since ")
        )
        let location = park["location"]
        if !location.isNull {
            let quality = "\(location["datum"].plain), \(location["precision"].plain)"
            sheet.add("position", "\(location["lat"].plain), \(location["lon"].plain) (\(quality))")
        }
        if case .object(let counts) = park["counts"] {
            sheet.add("places", counts.map { "\($0.value.plain) \($0.name)" }.joined(separator: ", "))
        }
        sheet.add("source", "\(park["source"].plain), confidence \(park["confidence"].plain)")
        return sheet
    }
}
