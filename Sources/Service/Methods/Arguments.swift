import Catalog

/// The arguments of one call: found by name or position, checked against the method's parameters, read by name.
struct Arguments {
    let document: JSONDocument
    private let parameters: [Parameter]
    /// The value of each parameter; -1 where it was left out.
    private var values: [Int]
    private let path: String

    /// Finds and checks.
    ///
    /// - Parameter value: the object or array; `nil` where the call has none.
    init(_ value: Int?, of parameters: [Parameter], in document: JSONDocument, path: String = "/params")
        throws(CallError)
    {
        self.document = document
        self.parameters = parameters
        self.values = parameters.isEmpty ? [] : Array(repeating: -1, count: parameters.count)
        self.path = path
        if let value {
            switch document.kind(value) {
            case .array: try takePositions(value)
            default: try takeNames(value)
            }
        }
        for index in parameters.indices { try check(index) }
    }

    /// The value of a parameter, unless it was left out or null.
    subscript(_ name: String) -> Int? {
        guard let index = parameters.firstIndex(where: { $0.name == name }) else {
            preconditionFailure("a method reads only the parameters it declares")
        }
        return values[index] < 0 ? nil : values[index]
    }

    func text(_ name: String) -> String? { self[name].map(document.string) }

    /// A parameter that the schema has proved to be there.
    func requiredText(_ name: String) -> String { text(name) ?? "" }

    func integer(_ name: String) -> Int? { self[name].flatMap(document.integer) }

    func number(_ name: String) -> Double? { self[name].flatMap(document.double) }

    func texts(_ name: String) -> [String] { elements(name) { document.string($0) } }

    func integers(_ name: String) -> [Int] { elements(name, document.integer).compactMap(\.self) }

    /// The elements of an array.
    private func elements<Element>(_ name: String, _ read: (Int) -> Element) -> [Element] {
        guard let array = self[name] else { return [] }
        var elements: [Element] = []
        elements.reserveCapacity(document.count(array))
        var element = array + 1
        while element < document.after(array) {
            elements.append(read(element))
            element = document.after(element)
        }
        return elements
    }

    /// A parameter that is an object, read like arguments in turn.
    func object(_ name: String) throws(CallError) -> Arguments? {
        guard let value = self[name], let parameter = parameters.first(where: { $0.name == name }),
            case .object(let members) = parameter.schema
        else { return nil }
        return try Arguments(value, of: members, in: document, path: path + "/" + name)
    }

    /// The arguments in one form, however they were written: in the order of the parameters, strings without needless
    /// escapes, members of objects by name. Numbers stay as they were written.
    ///
    /// - Parameter isWanted: which of them count.
    func canonical(where isWanted: (Parameter) -> Bool = { _ in true }) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{")
        for (index, parameter) in parameters.enumerated() where values[index] >= 0 && isWanted(parameter) {
            writer.name(parameter.name)
            document.writeCanonical(values[index], to: &writer)
        }
        writer.raw("}")
        return writer.bytes
    }

    /// Appends the arguments as they were written, each behind its place among the parameters. Cheaper than
    /// ``canonical(where:)``, and it tells apart what that takes for the same; never the other way round, since the end of
    /// a value shows.
    func appendSource(to bytes: inout [UInt8]) {
        for (index, value) in values.enumerated() where value >= 0 {
            bytes.append(UInt8(truncatingIfNeeded: index))
            bytes.append(contentsOf: document.sourceBytes(value))
        }
    }

    /// A parameter that is an array of objects, each read like arguments in turn.
    func objects(_ name: String) throws(CallError) -> [Arguments] {
        guard let array = self[name], let parameter = parameters.first(where: { $0.name == name }),
            case .array(.object(let members), _) = parameter.schema
        else { return [] }
        var objects: [Arguments] = []
        var element = array + 1
        while element < document.after(array) {
            let place = "\(path)/\(name)/\(objects.count)"
            objects.append(try Arguments(element, of: members, in: document, path: place))
            element = document.after(element)
        }
        return objects
    }

    // MARK: Finding

    private mutating func takePositions(_ array: Int) throws(CallError) {
        var element = array + 1
        for position in 0..<document.count(array) {
            guard position < parameters.count else {
                throw .invalid(path + "/\(position)", expected: "at most \(parameters.count) parameters")
            }
            values[position] = element
            element = document.after(element)
        }
    }

    private mutating func takeNames(_ object: Int) throws(CallError) {
        var name = object + 1
        while name < document.after(object) {
            let value = name + 1
            if let index = parameters.firstIndex(where: { document.string(name, is: $0.nameBytes) }) {
                values[index] = value
            } else if path != "/params" || !document.string(name, is: RequestMeta.memberName) {
                throw unknown(document.string(name))
            }
            name = document.after(value)
        }
    }

    private func unknown(_ name: String) -> CallError {
        let names = parameters.map(\.name)
        var error = CallError(.invalidParams, "there is no parameter “\(CallError.excerpt(name))”")
        error.path = path + "/" + JSONPointer.escape(CallError.excerpt(name))
        error.expected = names.isEmpty ? "no parameters" : names.joined(separator: ", ")
        error.hint = Suggestion.hint(for: name, among: names)
        return error
    }

    // MARK: Checking

    private mutating func check(_ index: Int) throws(CallError) {
        let parameter = parameters[index]
        let value = values[index]
        guard value >= 0, parameter.isRequired || document.kind(value) != .null else {
            values[index] = -1
            guard !parameter.isRequired else {
                var error = CallError.invalid(path + "/" + parameter.name, expected: parameter.schema.expectation)
                error.message = "the parameter “\(parameter.name)” is missing"
                throw error
            }
            return
        }
        // The path is built only for an error.
        guard let (wrong, expected) = mismatch(value, parameter.schema) else { return }
        throw .invalid(path + "/" + parameter.name + wrong, expected: expected)
    }

    /// Of a string whose schema sets no bound: that of a line.
    private static let longestText = 1 << 20

    /// Where and how a value is not what the schema says; `nil` when it is.
    private func mismatch(_ value: Int, _ schema: Schema) -> (path: String, expected: String)? {
        let kind = document.kind(value)
        switch schema {
        case .text(let maximum):
            let maximum = maximum ?? Self.longestText
            guard kind == .string, document.stringLength(value) <= maximum * 6 else { break }
            if document.holdsZero(value) { return ("", "a string without U+0000") }
            let length = document.stringLength(value)
            if length <= maximum || document.stringBytes(value).count <= maximum { return nil }
        case .uuid: if kind == .string, UUIDText.isValid(document.stringBytes(value)) { return nil }
        case .choice(let choices): if kind == .string, choices.contains(document.string(value)) { return nil }
        case .time: if kind == .string, WallTime(parsing: document.string(value)) != nil { return nil }
        case .boolean: if kind == .true || kind == .false { return nil }
        case .integer(let range):
            if kind == .number, let integer = document.integer(value), range.contains(integer) { return nil }
        case .number(let range):
            if kind == .number, let number = document.double(value), range.contains(number) { return nil }
        case .array(let elementSchema, let maximum):
            guard kind == .array, document.count(value) <= maximum ?? .max else { break }
            var element = value + 1
            for position in 0..<document.count(value) {
                if let inner = mismatch(element, elementSchema) { return ("/\(position)" + inner.path, inner.expected) }
                element = document.after(element)
            }
            return nil
        case .object, .map: if kind == .object { return nil }
        case .nullable(let schema): return kind == .null ? nil : mismatch(value, schema)
        case .cursor:
            if kind == .string, document.stringLength(value) <= Schema.longestCursor { return nil }
        case .any: return nil
        }
        return ("", schema.expectation)
    }
}

/// The text form of a UUID.
enum UUIDText {
    static func isValid(_ bytes: [UInt8]) -> Bool {
        guard bytes.count == 36 else { return false }
        for (index, byte) in bytes.enumerated() {
            switch index {
            case 8, 13, 18, 23: if byte != UInt8(ascii: "-") { return false }
            default: if JSONString.hexadecimal(byte) == nil { return false }
            }
        }
        return true
    }
}

/// RFC 6901.
enum JSONPointer {
    /// A member's name as one token of a pointer.
    static func escape(_ name: String) -> String {
        guard name.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return name }
        var token = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return token
    }
}
