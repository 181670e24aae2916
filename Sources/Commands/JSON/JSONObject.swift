/// Gathers the members of a JSON object, such as the parameters of a call, leaving out what was not given.
struct JSONObject {
    private var members: [JSONValue.Member] = []

    var json: JSONValue { .object(members) }

    mutating func add(_ name: String, _ value: JSONValue?) {
        guard let value else { return }
        members.append(JSONValue.Member(name: name, value: value))
    }

    mutating func add(_ name: String, _ value: String?) { add(name, value.map { .string($0) }) }

    mutating func add(_ name: String, _ value: Int?) { add(name, value.map { .integer($0) }) }

    mutating func add(_ name: String, _ values: [String]) {
        add(name, values.isEmpty ? nil : .array(values.map { .string($0) }))
    }
}
