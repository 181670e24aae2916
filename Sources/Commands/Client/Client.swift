/// A connection to the service: one JSON-RPC call at a time, one message a line.
package final class Client: Sendable {
    private let socket: Socket
    private let token: String?

    /// What a call may wait for its answer, unless the caller says otherwise.
    package static let patience = Duration.seconds(30)

    private init(socket: Socket, token: String?) {
        self.socket = socket
        self.token = token
    }

    /// Connects to a service.
    ///
    /// - Parameter token: sent with every call.
    /// - Throws: ``CommandFailure`` with status busy when nobody answers there.
    package static func connect(to address: ServerAddress, token: String?) async throws -> Client {
        do {
            let socket = try await Socket.connect(
                to: address.host,
                port: address.port,
                until: .now + .seconds(5)
            )
            return Client(socket: socket, token: token)
        } catch let failure as Socket.Failure {
            throw CommandFailure(
                .busy,
                "the service at \(address) can't be reached: \(failure.reason). "
                    + "Is it running, and is --server or AMENITY_SERVER right?"
            )
        }
    }

    /// Calls a method and returns its result.
    ///
    /// - Throws: ``RemoteError`` when the service refuses; ``CommandFailure`` when no answer came.
    package func call(_ method: String, _ params: JSONValue = [:]) async throws -> JSONValue {
        try await answer(to: Self.request(method, params, token: token))
    }

    /// Sends a request as it is and returns the result.
    package func answer(to request: JSONValue) async throws -> JSONValue {
        let deadline = ContinuousClock.now + Self.patience
        do {
            try await socket.send(Array(request.text.utf8), until: deadline)
            while true {
                let reply = try JSONValue(parsing: try await socket.receive(until: deadline))
                // A notification has no id; it isn't what was asked for.
                guard case .object(let members) = reply, members.contains(where: { $0.name == "id" }) else { continue }
                if reply["error"] != .null { throw RemoteError(reply["error"]) }
                return reply["result"]
            }
        } catch let failure as Socket.Failure {
            if case .timedOut = failure {
                throw CommandFailure(.deadline, "the service did not answer within \(Self.patience).")
            }
            throw CommandFailure(.busy, "the connection to the service was lost: \(failure.reason). Try again.")
        } catch let error as JSONError {
            throw CommandFailure(.failed, "the service answered with something that is not JSON: \(error).")
        }
    }

    /// Waits for the next notification, however long that takes.
    ///
    /// - Throws: ``CommandFailure`` when the connection is lost.
    package func notification() async throws -> JSONValue {
        do {
            while true {
                let message = try JSONValue(parsing: try await socket.receive(until: .now + .seconds(86_400)))
                if !message["method"].isNull { return message }
            }
        } catch let failure as Socket.Failure {
            throw CommandFailure(.busy, "the connection to the service was lost: \(failure.reason).")
        } catch let error as JSONError {
            throw CommandFailure(.failed, "the service sent something that is not JSON: \(error).")
        }
    }

    /// The message that a call sends.
    package static func request(_ method: String, _ params: JSONValue, token: String? = nil) -> JSONValue {
        var members: [JSONValue.Member] = []
        if case .object(let given) = params { members = given }
        if let token {
            var meta: [JSONValue.Member] = []
            if case .object(let given) = params["_meta"] { meta = given }
            meta.append(JSONValue.Member(name: "token", value: .string(token)))
            members.removeAll { $0.name == "_meta" }
            members.append(JSONValue.Member(name: "_meta", value: .object(meta)))
        }
        return ["jsonrpc": "2.0", "id": 1, "method": .string(method), "params": .object(members)]
    }
}

extension Socket.Failure {
    /// In words, for a message.
    var reason: String {
        switch self {
        case .unresolved(let reason), .refused(let reason), .lost(let reason): reason
        case .timedOut: "no answer in time"
        }
    }
}
