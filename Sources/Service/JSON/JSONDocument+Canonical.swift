extension JSONDocument {
    /// Writes a value in one form: strings without needless escapes, members by name, those that are null left out,
    /// since to a method they are the same as absent. Numbers stay as they were written.
    func writeCanonical(_ value: Int, to writer: inout JSONWriter) {
        switch kind(value) {
        case .null, .true, .false, .number: writer.bytes.append(contentsOf: sourceBytes(value))
        case .string: writer.string(string(value))
        case .array:
            writer.bytes.append(.openBracket)
            var element = value + 1
            while element < after(value) {
                if element > value + 1 { writer.bytes.append(.comma) }
                writeCanonical(element, to: &writer)
                element = after(element)
            }
            writer.bytes.append(.closeBracket)
        case .object:
            writer.raw("{")
            for member in members(value).sorted(by: { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }) {
                writer.name(member.name)
                writeCanonical(member.value, to: &writer)
            }
            writer.raw("}")
        }
    }

    /// The members of an object that are not null.
    private func members(_ object: Int) -> [(name: String, value: Int)] {
        var members: [(name: String, value: Int)] = []
        var name = object + 1
        while name < after(object) {
            if kind(name + 1) != .null { members.append((string(name), name + 1)) }
            name = after(name + 1)
        }
        return members
    }
}
