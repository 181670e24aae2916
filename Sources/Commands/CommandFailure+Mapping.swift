import Access
import Catalog
import JobQueue
import Postgres

extension CommandFailure {
    /// What a failure anywhere in a command means to its user; `nil` for one that this program did not foresee.
    ///
    /// The only place where errors become exit codes.
    package init?(_ error: any Error) {
        switch error {
        case let failure as CommandFailure: self = failure
        case let error as PostgresError: self.init(error)
        case let refusal as MigrationRefusal: self.init(.failed, refusal.description)
        case let failure as MigrationFailure: self.init(.failed, failure.description)
        case let error as TokenError: self.init(error)
        case let error as RemoteError: self.init(error.status, error.description)
        case let error as CronError: self.init(.usage, error.description)
        case let error as ScheduleError: self.init(.usage, error.description)
        case let error as SeedError: self.init(.failed, error.description)
        case is CancellationError: self.init(.interrupted, "interrupted")
        default: return nil
        }
    }

    private init(_ error: PostgresError) {
        switch error {
        case .connection(let failure): self = .unreachable(failure)
        case .server(let error): self.init(error)
        case .timedOut:
            self.init(.deadline, "the database did not answer in time. Try again, or look at its load.")
        case .commitUnknown(let loss):
            self.init(
                .failed,
                (loss == .connectionLost ? "the connection was lost" : "the time was up")
                    + " during the commit, so the change is either wholly there or wholly absent. "
                    + "Look before you run the command again."
            )
        case .cancelled: self.init(.interrupted, "interrupted")
        case .decoding, .rolledBack, .poolClosed: self.init(.failed, "\(error). This is a defect of this program.")
        }
    }

    private static func unreachable(_ failure: ConnectionFailure) -> CommandFailure {
        // libpq writes a line for each address that it tried, and below it a question that ours repeats.
        let reasons = failure.message.split(separator: "\n").filter { !$0.hasSuffix("?") }
        return CommandFailure(
            .busy,
            "the database can't be reached: \(reasons.joined(separator: "; ")). "
                + "Is it running, and is --database or AMENITY_DATABASE right?"
        )
    }

    private init(_ error: ServerError) {
        switch error.sqlState {
        case .undefinedTable, SQLState(rawValue: "3F000"), SQLState(rawValue: "42883"):
            self.init(
                .failed,
                "\(error.message). The database lacks what this program needs: run `amenity db migrate`."
            )
        case .diskFull:
            self.init(.busy, "the database's disk is full: \(error.message). Free some space and try again.")
        case .tooManyConnections, .cannotConnectNow, .adminShutdown, .crashShutdown, .lockNotAvailable:
            self.init(.busy, "the database is busy: \(error.message). Try again.")
        case .insufficientPrivilege:
            self.init(.notAllowed, "the database's user may not do this: \(error.message).")
        default:
            let extra = [error.detail, error.hint].compactMap { $0 }.map { " \($0)" }.joined()
            self.init(.failed, "\(error.statement ?? "a statement") failed: \(error.sqlState) \(error.message)\(extra)")
        }
    }
}
