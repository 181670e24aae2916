/// Rows under headings, aligned for a terminal.
package struct TextTable {
    private let headings: [String]
    private let rows: [[String]]
    private let rightAligned: Set<Int>

    /// - Parameter rightAligned: the columns of numbers.
    package init(headings: [String], rows: [[String]], rightAligned: Set<Int> = []) {
        self.headings = headings
        self.rows = rows.map { row in row.map(Self.onOneLine) }
        self.rightAligned = rightAligned
    }

    /// The table without a line break at its end.
    package var text: String {
        let widths = headings.indices.map { column in
            rows.reduce(headings[column].displayWidth) { max($0, $1[column].displayWidth) }
        }
        let lines = [headings] + rows
        return lines.map { line in
            var text = ""
            for (column, cell) in line.enumerated() {
                if column > 0 { text += "  " }
                let padding = String(repeating: " ", count: widths[column] - cell.displayWidth)
                text += rightAligned.contains(column) ? padding + cell : cell + padding
            }
            // Spaces at a line's end only get in the way of copying.
            while text.last == " " { text.removeLast() }
            return text
        }.joined(separator: "\n")
    }

    /// Control characters could move the cursor or hide what follows.
    private static func onOneLine(_ text: String) -> String {
        String(text.map { $0.unicodeScalars.contains { $0.properties.generalCategory == .control } ? " " : $0 })
    }
}
