import Catalog
import FoundationEssentials

/// A CSV file of cases: what goes in and what should come out, one case a row under a header.
struct CaseFile {
    struct Case {
        let line: Int
        private let cells: [String: String]
        private let file: String

        init(line: Int, cells: [String: String], file: String) {
            self.line = line
            self.cells = cells
            self.file = file
        }

        /// A cell's text; empty where it is.
        ///
        /// - Throws: ``CommandFailure`` for a column that the file lacks.
        func text(_ column: String) throws -> String {
            guard let cell = cells[column] else {
                throw CommandFailure(.failed, "\(file) has no column \(column): is it a file of such cases?")
            }
            return cell
        }

        /// - Throws: ``CommandFailure`` for what is no finite number.
        func number(_ column: String) throws -> Double {
            let text = try text(column)
            guard let value = Double(text), value.isFinite else {
                throw CommandFailure(.failed, "\(file):\(line): \(column): \"\(text)\" is no number.")
            }
            return value
        }
    }

    let cases: [Case]

    /// - Throws: ``CommandFailure`` for a file that can't be read or is no CSV.
    init(path: String) throws {
        guard let bytes = try? Data(contentsOf: URL(filePath: path)) else {
            throw CommandFailure(.notFound, "the file \(path) can't be read.")
        }
        var parser = CSVParser()
        var records: [CSVParser.Record]
        do throws(CSVError) {
            records = try parser.push(bytes)
            records += try parser.finish()
        } catch {
            throw CommandFailure(.failed, "\(path):\(error.line): \(error.reason).")
        }
        guard let header = records.first else { throw CommandFailure(.failed, "\(path) is empty.") }
        cases = try records.dropFirst().map { record in
            guard record.fields.count == header.fields.count else {
                throw CommandFailure(
                    .failed,
                    "\(path):\(record.line): \(record.fields.count) fields where the header has \(header.fields.count)."
                )
            }
            let cells = Dictionary(zip(header.fields, record.fields)) { first, _ in first }
            return Case(line: record.line, cells: cells, file: path)
        }
    }
}
