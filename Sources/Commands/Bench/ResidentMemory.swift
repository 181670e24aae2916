import FoundationEssentials
import Glibc

/// The memory that the process holds in RAM.
enum ResidentMemory {
    /// In bytes, from the second number of `/proc/self/statm`, which counts pages; 0 where there is no such file.
    static var bytes: Int {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let numbers = text.split(separator: " ")
        guard numbers.count > 1, let pages = Int(numbers[1]) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
