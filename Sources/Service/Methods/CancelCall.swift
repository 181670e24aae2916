/// Cancels a call of the same connection, in the database too. The usual form is a notification.
enum CancelCall: ConnectionMethod {
    static let name = "rpc.cancel"
    static let summary = "Cancels a call of this connection that is still running; a write that has begun is finished."
    static let access = MethodAccess.everyone
    static let parameters: [Parameter] = [.required("id", .any, "of the call, written as it was there")]
    static let result: [Parameter] = [.required("cancelled", .boolean, "whether there was such a call")]
    static let examples = [MethodExample("a call that is not there", #"{"id":7}"#, #"{"cancelled":false}"#)]

    static func answer(_ arguments: Arguments, on connection: ConnectionHandler) throws(CallError) -> Answer {
        guard let id = arguments["id"], [.string, .number].contains(arguments.document.kind(id)) else {
            throw .invalid("/params/id", expected: "the id of a call: a string or a number")
        }
        let isCancelled = connection.cancelCall(Array(arguments.document.sourceBytes(id)))
        return Answer { writer in
            writer.raw("{\"cancelled\":")
            writer.boolean(isCancelled)
            writer.raw("}")
        }
    }
}
