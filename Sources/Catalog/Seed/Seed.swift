package import FoundationEssentials

/// The starter catalogue as it stands in a folder of CSV files, read and checked.
package struct Seed: Sendable {
    /// The rows of each table, in the order of ``SeedTable/all``.
    let contents: [(table: SeedTable, rows: [SeedRow])]

    /// Reads and checks the files of a folder.
    ///
    /// - Throws: ``SeedError`` with everything that is wrong, not just the first of it.
    package init(folder: URL) throws(SeedError) {
        try self.init { (file) throws(SeedError) -> [UInt8] in
            do {
                return [UInt8](try Data(contentsOf: folder.appending(path: file)))
            } catch {
                let reason = (error as? CocoaError)?.code == .fileReadNoSuchFile ? "it is not there" : "\(error)"
                throw SeedError.unreadable(
                    file: folder.appending(path: file).path(percentEncoded: false),
                    reason: reason
                )
            }
        }
    }

    /// Reads and checks files that are had by name.
    package init(reading file: (String) throws(SeedError) -> [UInt8]) throws(SeedError) {
        var problems: [SeedProblem] = []
        var contents: [(table: SeedTable, rows: [SeedRow])] = []
        for table in SeedTable.all {
            let rows = Self.rows(of: table, in: try file(table.file), problems: &problems)
            contents.append((table, rows))
        }
        // Rows that were not understood would make every reference to them look wrong.
        guard problems.isEmpty else { throw .problems(problems) }
        problems = Self.check(contents)
        guard problems.isEmpty else { throw .problems(problems) }
        self.contents = contents.map { table, rows in (table, rows.map { $0.adding(table.derived($0)) }) }
    }

    // MARK: Reading

    private static func rows(of table: SeedTable, in text: [UInt8], problems: inout [SeedProblem]) -> [SeedRow] {
        var parser = CSVParser()
        var records: [CSVParser.Record] = []
        do throws(CSVError) {
            records = try parser.push(text)
            records += try parser.finish()
        } catch {
            problems.append(SeedProblem(file: table.file, line: error.line, column: nil, reason: error.reason))
            return []
        }
        guard let header = records.first else {
            problems.append(SeedProblem(file: table.file, line: 1, column: nil, reason: "the header is missing"))
            return []
        }
        let objections = objections(to: header, of: table)
        guard objections.isEmpty else {
            problems += objections
            return []
        }
        return records.dropFirst().compactMap { record in
            guard record.fields.count == header.fields.count else {
                problems.append(
                    SeedProblem(
                        file: table.file,
                        line: record.line,
                        column: nil,
                        reason: "\(record.fields.count) fields where the header has \(header.fields.count)"
                    )
                )
                return nil
            }
            let cells = zip(header.fields, record.fields).filter { !$0.1.isEmpty }
            return SeedRow(line: record.line, cells: Dictionary(uniqueKeysWithValues: cells))
        }
    }

    private static func objections(to header: CSVParser.Record, of table: SeedTable) -> [SeedProblem] {
        let expected = table.columns.map(\.name)
        var seen: Set<String> = []
        var objections: [SeedProblem] = []
        for name in header.fields {
            let isNew = seen.insert(name).inserted
            guard !expected.contains(name) || !isNew else { continue }
            let reason = isNew ? "is no column of this file" : "stands twice"
            objections.append(SeedProblem(file: table.file, line: header.line, column: name, reason: reason))
        }
        for name in expected where !seen.contains(name) {
            objections.append(
                SeedProblem(file: table.file, line: header.line, column: name, reason: "the column is missing")
            )
        }
        return objections
    }

    // MARK: Checking

    private static func check(_ contents: [(table: SeedTable, rows: [SeedRow])]) -> [SeedProblem] {
        var keys: [String: Set<String>] = [:]
        for (table, rows) in contents where table.key.count == 1 {
            keys[table.name] = Set(rows.compactMap { $0[table.key[0]] })
        }
        var problems: [SeedProblem] = []
        for (table, rows) in contents {
            var lines: [[String]: Int] = [:]
            for row in rows {
                func add(_ column: String, _ reason: String) {
                    problems.append(SeedProblem(file: table.file, line: row.line, column: column, reason: reason))
                }
                let before = problems.count
                for column in table.columns {
                    let objection = column.objection(to: row[column.name] ?? "") { file, key in
                        keys[file]?.contains(key) ?? false
                    }
                    if let objection { add(column.name, objection) }
                }
                // A rule may rely on cells that are right by themselves.
                if problems.count == before, let objection = table.rule(row) { add(objection.column, objection.reason) }
                let key = table.key.map { row[$0] ?? "" }
                if let earlier = lines.updateValue(row.line, forKey: key) {
                    add(table.key[0], "\"\(key.joined(separator: ", "))\" stands already in line \(earlier)")
                }
            }
        }
        return problems
    }
}
