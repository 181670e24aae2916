extension SeedRow {
    /// Appends the row as a line of COPY's text format: file, line, cells as a JSON object.
    func appendCopyLine(file: String, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "\(file)\t\(line)\t{".utf8)
        for (index, cell) in cells.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            Self.append(cell.key, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            Self.append(cell.value, to: &bytes)
        }
        bytes.append(contentsOf: "}\n".utf8)
    }

    /// Appends a JSON string whose backslashes are doubled for COPY. Escaping every control character as JSON does leaves
    /// no tab or line break that COPY could take for an end.
    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): bytes.append(contentsOf: #"\\""#.utf8)
            case UInt8(ascii: "\\"): bytes.append(contentsOf: #"\\\\"#.utf8)
            case 0..<0x20:
                let digits = String(byte, radix: 16)
                bytes.append(contentsOf: #"\\u00"#.utf8)
                bytes.append(contentsOf: (byte < 16 ? "0" + digits : digits).utf8)
            default: bytes.append(byte)
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
