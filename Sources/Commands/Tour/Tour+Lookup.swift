/// The scenes in which people look something up.
extension Tour {
    func showParks() async throws {
        scene("1. Who is there", "A park manager asks which international industrial parks the directory knows.")
        let result = try await ask("parks.list", [:])
        let parks = result["items"].elements
        guard parks.contains(where: { $0["id"] == "jx-de" }), parks.contains(where: { $0["id"] == "jx-jp" }) else {
            throw surprise("the parks jx-de and jx-jp are not there; `amenity db seed` loads them")
        }
        tell("\(parks.count) parks, with the number of places within reach of each:")
        tell(ParkListCommand.table(of: result).text)
    }

    /// - Returns: the slug of the first hospital.
    func searchInEnglish() async throws -> String {
        scene(
            "2. A German family looks for a hospital",
            "They live near the Sino-German park in Jiaxing and type \"hospital\" in English."
        )
        let items = try await search(["park": "jx-de", "q": "hospital", "limit": 3, "_meta": ["lang": "en"]])
        return try require(items.first?["slug"].string ?? items.first?["id"].string, "the first hospital has no id")
    }

    func searchInJapanese() async throws {
        scene(
            "3. A Japanese engineer looks for a hospital",
            "He works in the Sino-Japanese park in Pinghu and types 病院. Labels and, where they are known, names come in Japanese."
        )
        let items = try await search(["park": "jx-jp", "q": "病院", "limit": 3, "_meta": ["lang": "ja"]])
        guard items.contains(where: { $0["category_label"].plain.contains("病院") }) else {
            throw surprise("no label of the answer is Japanese")
        }
    }

    private func search(_ params: JSONValue) async throws -> [JSONValue] {
        let result = try await ask("amenities.search", params)
        let understood = result["understood"]["categories"].elements.map(\.plain).joined(separator: ", ")
        guard !understood.isEmpty else { throw surprise("the word was not understood as a kind of place") }
        let items = result["items"].elements
        guard !items.isEmpty else { throw surprise("nothing was found") }
        tell("Understood as \(understood). The nearest:")
        for item in items {
            let name = item["name"]
            tell(
                "- \(name["text"].plain) (\(item["category_label"].plain); name in \(name["lang"].plain), "
                    + "\(name["origin"].plain))"
            )
            tell("  on the sign: \(item["name_local"]["text"].plain); \(AmenitySearchCommand.distance(of: item))")
        }
        return items
    }

    func showRecord(of hospital: String) async throws {
        scene(
            "4. Can they trust it?",
            "The family opens the first hit. Every fact says where it comes from, of when it is, and how sure it is."
        )
        let record = try await ask("amenities.get", ["id": .string(hospital), "_meta": ["lang": "en"]])
        guard !record["sources"].elements.isEmpty, record["confidence"].string != nil else {
            throw surprise("the record names no source or no confidence")
        }
        tell(AmenityGetCommand.sheet(of: record).text)
    }
}
