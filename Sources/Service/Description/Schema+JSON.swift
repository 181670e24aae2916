extension Schema {
    /// Writes the schema as JSON Schema 2020-12 has it.
    func write(to writer: inout JSONWriter) {
        writer.raw("{")
        writeMembers(to: &writer)
        writer.raw("}")
    }

    fileprivate func writeMembers(to writer: inout JSONWriter) {
        switch self {
        case .text(let maximum):
            writer.member("type", "string")
            // We count bytes and JSON Schema characters, of which there are at most as many.
            if let maximum {
                writer.member("maxLength", maximum)
                writer.member("x-max-bytes", maximum)
            }
        case .uuid: writer.member("type", "string", format: "uuid")
        case .time: writer.member("type", "string", format: "date-time")
        case .choice(let choices):
            writer.member("type", "string")
            writer.member("enum", choices)
        case .boolean: writer.member("type", "boolean")
        case .integer(let range):
            writer.member("type", "integer")
            writer.member("minimum", range.lowerBound)
            writer.member("maximum", range.upperBound)
        case .number(let range):
            writer.member("type", "number")
            writer.member("minimum", Int(range.lowerBound))
            if range.upperBound < .greatestFiniteMagnitude { writer.member("maximum", Int(range.upperBound)) }
        case .array(let element, let maximum):
            writer.member("type", "array")
            writer.name("items")
            element.write(to: &writer)
            if let maximum { writer.member("maxItems", maximum) }
        case .object(let members): Self.write(members, isClosed: true, to: &writer)
        case .map(let value):
            writer.member("type", "object")
            writer.name("additionalProperties")
            value.write(to: &writer)
        case .nullable(let schema):
            writer.name("anyOf")
            writer.raw("[")
            schema.write(to: &writer)
            writer.raw(",{\"type\":\"null\"}]")
        case .cursor:
            writer.member("type", "string")
            writer.member("maxLength", Self.longestCursor)
        case .any: break
        }
    }

    /// Writes the members of an object's schema.
    ///
    /// - Parameter isClosed: whether other members are refused. Params are closed, results may grow.
    static func write(_ members: [Parameter], isClosed: Bool, to writer: inout JSONWriter) {
        writer.member("type", "object")
        writer.name("properties")
        writer.raw("{")
        for member in members {
            writer.name(member.name)
            member.writeSchema(to: &writer)
        }
        writer.raw("}")
        let required = members.filter(\.isRequired).map(\.name)
        if !required.isEmpty { writer.member("required", required) }
        if isClosed {
            writer.name("additionalProperties")
            writer.boolean(false)
        }
    }
}

extension Parameter {
    /// Writes the schema with what the parameter means.
    func writeSchema(to writer: inout JSONWriter) {
        writer.raw("{")
        schema.writeMembers(to: &writer)
        if !summary.isEmpty { writer.member("description", summary) }
        writer.raw("}")
    }
}

extension JSONWriter {
    mutating func member(_ name: String, _ value: Int) {
        self.name(name)
        integer(value)
    }

    fileprivate mutating func member(_ name: String, _ value: String, format: String) {
        member(name, value)
        member("format", format)
    }
}
