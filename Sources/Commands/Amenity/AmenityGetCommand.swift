import ArgumentParser

/// `amenity get`, also `amenity amenity get`
struct AmenityGetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Show one amenity with where every fact comes from."
    )

    @Argument(help: "The amenity's id or slug.")
    var id: String

    @OptionGroup var lookup: LookupOptions

    func run() async throws {
        var params = JSONObject()
        params.add("id", id)
        try await lookup.show("amenities.get", params) { Self.sheet(of: $0).text }
    }

    /// What people want to know first; the whole record is the JSON.
    static func sheet(of record: JSONValue) -> FactSheet {
        var sheet = FactSheet()
        sheet.add("name", record["name"]["text"].plain)
        sheet.add("on the sign", record["name_local"]["text"].plain)
        sheet.add("category", record["category_label"].plain)
        sheet.add("status", record["status"].plain)
        sheet.add("address", [record["address"]["zh"], record["address"]["en"]].map(\.plain).filter { !$0.isEmpty })
        sheet.add("area", record["area"]["name"].plain)
        sheet.add("position", position(of: record))
        sheet.add("hours", hours(of: record))
        sheet.add("phone", phones(of: record))
        sheet.add("website", record["website"].plain)
        sheet.add(
            "languages",
            record["languages"].elements.map { "\($0["lang"].plain) (\($0["channel"].plain), \($0["level"].plain))" }
        )
        sheet.add("attributes", record["attributes"].elements.map { $0["label"].string ?? $0["code"].plain })
        sheet.add(
            "accredited",
            record["accreditation"].elements.map { entry in
                let years = [entry["valid_from"], entry["valid_to"]].map { $0.string ?? "?" }.joined(separator: " to ")
                return "\(entry["label"].plain): \(entry["status"].plain), \(years)"
            }
        )
        addParts(of: record, to: &sheet)
        sheet.add("notes", record["notes"].plain)
        sheet.add("checked", record["verification"].elements.map(check))
        sheet.add("as of", "\(record["as_of"].string ?? "unknown"), confidence \(record["confidence"].plain)")
        sheet.add("sources", record["sources"].elements.map { "\($0["title"].plain) (\($0["licence"].plain))" })
        sheet.add("id", record["id"].plain)
        return sheet
    }

    private static func addParts(of record: JSONValue, to sheet: inout FactSheet) {
        sheet.add("part of", record["part_of"]["slug"].plain)
        sheet.add("services", record["services"].elements.map { $0["slug"].plain })
        sheet.add(
            "programmes",
            record["programmes"].elements.map {
                "\($0["curriculum"].plain), \($0["grades"].plain) (\($0["status"].plain))"
            }
        )
        sheet.add(
            "admission",
            record["admission_rules"].elements.map { "\($0["decision"].plain): \($0["who"].plain)" }
        )
        sheet.add("fees", record["fees"].elements.map(fee))
        sheet.add("parks", record["parks"].elements.map(way))
    }

    private static func fee(_ fee: JSONValue) -> String {
        let (low, high) = (fee["low"].plain, fee["high"].plain)
        return "\(fee["label"].plain): \(low == high ? low : "\(low) to \(high)") \(fee["currency"].plain) "
            + "a \(fee["period"].plain)"
    }

    private static func way(_ way: JSONValue) -> String {
        let distance = way["distance_m"].int.map { ["\($0) m"] } ?? []
        let drive = way["drive_minutes"].int.map { ["\($0) min by car"] } ?? []
        let walk = way["walk_minutes"].int.map { ["\($0) min on foot"] } ?? []
        return ([way["park"].plain] + distance + drive + walk).joined(separator: ", ")
    }

    private static func hours(of record: JSONValue) -> String {
        guard let expression = record["hours"]["expression"].string else { return "" }
        let until = record["open"]["until"].string.map { " until \($0.prefix(16).replacing("T", with: " "))" } ?? ""
        return "\(expression) (\(record["open"]["state"].plain)\(until))"
    }

    private static func phones(of record: JSONValue) -> [String] {
        record["phones"].elements.map { phone in
            let international = phone["international"].string.map { ", from abroad \($0)" } ?? ""
            return phone["national"].plain
                + (phone["dialable_from_abroad"] == true ? international : ", only within China")
        }
    }

    /// One group of fields: what it is, how fresh, and since when.
    private static func check(_ group: JSONValue) -> String {
        let last = group["at"].string.map { " by \(group["method"].plain) on \($0.prefix(10))" } ?? ""
        return "\(group["fields"].plain): \(group["state"].plain)\(last)"
    }

    private static func position(of record: JSONValue) -> String {
        let location = record["location"]
        guard !location.isNull else { return "not known; found by its county" }
        let quality = "\(location["datum"].plain), \(location["precision"].plain)"
        return "\(location["lat"].plain), \(location["lon"].plain) (\(quality))"
    }
}
